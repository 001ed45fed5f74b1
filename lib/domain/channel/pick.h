/* Picks a channel for a task: pure functions. Thread-safe. */
#ifndef DOMAIN_CHANNEL_PICK_H
#define DOMAIN_CHANNEL_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pick_option {
	int64_t priority;
	int64_t weight; /* 1 or more */
	bool open;      /* takes the task now */
};

/* Returns the index of one of `count` > 0 options: of the open ones, or of all where none is open, those with
 * the highest priority; among these by weight, which `dice`, from 0 to 1 (1 excluded), decides. */
size_t pick(const struct pick_option *options, size_t count, double dice);

/* The dice of a task's attempt: the same for the same arguments, spread evenly. */
double pick_dice(const char *video_id, int64_t attempt);

#endif
