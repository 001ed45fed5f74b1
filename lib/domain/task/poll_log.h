/* What polls say to the operator. Internal to this folder. */
#ifndef DOMAIN_TASK_POLL_LOG_H
#define DOMAIN_TASK_POLL_LOG_H

#include <stddef.h>

struct poll_answer;
struct task;

enum { POLL_WORDS = 16, POLL_WORD_SIZE = 32 };

/* Unknown status words that were logged; zeroes at first. */
struct poll_words {
	char words[POLL_WORDS][POLL_WORD_SIZE];
	size_t count;
};

/* Logs of an answer what an operator should know: each unknown word once. */
void poll_log_answer(struct poll_words *words, const struct task *task, const struct poll_answer *answer);

/* Logs the end of a task, where it has ended. */
void poll_log_end(const struct task *task);

#endif
