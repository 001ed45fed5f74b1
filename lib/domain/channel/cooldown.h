/* What all cooldowns have in common. Pure, thread-safe. Times in ms. */
#ifndef DOMAIN_CHANNEL_COOLDOWN_H
#define DOMAIN_CHANNEL_COOLDOWN_H

#include <stdint.h>

#include "base/limits.h"
#include "domain/backoff.h"

enum {
	COOLDOWN_FIRST = 1000,
	COOLDOWN_MOST = 60 * 1000,
	COOLDOWN_PROBE = 20 * 1000 /* until another task may be sent, where a probe's outcome is not known */
};

/* A task that is submitted. */
struct cooldown_task {
	int64_t id, user;
	int64_t sent_at; /* when it was taken to be sent; 0 = it is not known */
};

/* The later of two times, or the longer of two waits. */
static inline int64_t
cooldown_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* 1 s, doubled `times` times, up to 60 s. */
static inline int64_t
cooldown_doubled(int64_t times)
{
	return backoff_within(backoff_doubled(COOLDOWN_FIRST, times), COOLDOWN_FIRST, COOLDOWN_MOST);
}

/* A wait that the upstream asked for, at most LIMIT_RETRY_AFTER; 0 for a negative one. */
static inline int64_t
cooldown_asked(int64_t retry_after)
{
	return backoff_within(retry_after, 0, LIMIT_RETRY_AFTER);
}

#endif
