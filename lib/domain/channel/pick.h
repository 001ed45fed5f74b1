/* Which channel a task goes to: a pure function. Thread-safe. */
#ifndef DOMAIN_CHANNEL_PICK_H
#define DOMAIN_CHANNEL_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pick_option {
	int64_t priority;
	int64_t weight; /* 1 or more */
	bool open;      /* it would take the task now */
};

/* The index of the option to take, of `count` > 0: among those that are open, or else among all, the highest
 * priority; within it by weight, where `dice`, from 0 to 1 (1 excluded), decides. */
size_t pick(const struct pick_option *options, size_t count, double dice);

/* The dice of a task: the same for the same words, spread evenly over all. */
double pick_dice(const char *video_id, int64_t attempt);

#endif
