/* Who computes a password now: two at a time, among the threads of this process and, once they have agreed on
 * a file, among all processes of the machine. Each computation holds 19 MiB, logins come in bursts, and under
 * plain CGI each is a process. Thread-safe. */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

#include <stdbool.h>

enum turns_queue {
	TURNS_STRANGER, /* TURNS_STRANGERS wait at most; within a process only while nobody waits in the other
	                 */
	TURNS_KNOWN     /* comes first within a process; as many as there are threads, or TURNS_PROCESSES */
};

enum { TURNS_AT_A_TIME = 2, TURNS_STRANGERS = 3, TURNS_PROCESSES = 64 };

/* From now on turns are shared with all processes that have named the same file, which is made where it is
 * absent. To be called before there are threads; the path is copied. */
void turns_share(const char *path);

/* Waits for a turn; ret_turn is to be given back. False at once where the queue is full. Where the file
 * cannot be opened, turns are those of this process. */
bool turns_take(enum turns_queue queue, int *ret_turn);

/* Gives it back. */
void turns_give(int turn);

#endif
