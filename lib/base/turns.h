/* Limits the password computations that run at a time to two: among the threads of this process and, through
 * a file that they share, among all processes of the machine. Each computation takes 19 MiB, logins come in
 * bursts, and under plain CGI each is a process. Thread-safe. */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

#include <stdbool.h>

enum turns_queue {
	TURNS_STRANGER, /* at most TURNS_STRANGERS wait; within a process the other queue comes first */
	TURNS_KNOWN     /* as many wait as there are threads, or TURNS_PROCESSES */
};

enum { TURNS_AT_A_TIME = 2, TURNS_STRANGERS = 3, TURNS_PROCESSES = 64 };

/* Shares the turns from now on with all processes that name the same file, which is made where it is absent.
 * Call it before there are threads; the path is copied. */
void turns_share(const char *path);

/* Waits for a turn, to be given back with turns_give(). False at once where the queue is full. Where the file
 * cannot be opened, turns are shared within this process alone. */
bool turns_take(enum turns_queue queue, int *ret_turn);

/* Gives a turn back. */
void turns_give(int turn);

#endif
