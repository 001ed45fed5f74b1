/* How long a process may hold a task, in ms. A lease outlasts what it is taken for, so that it runs out only
 * where its holder has died or sleeps; lease_margin is for the commits before and after, on a slow disk under
 * load. Thread-safe. */
#ifndef DOMAIN_LEASE_H
#define DOMAIN_LEASE_H

#include "base/config.h"

/* The lease of a submission. */
static inline int64_t
lease_submit(const struct config *config)
{
	return config->submit_timeout + config->lease_margin;
}

/* The lease of a poll. */
static inline int64_t
lease_poll(const struct config *config)
{
	return config->poll_timeout + config->lease_margin;
}

/* The lease of fetching a video. */
static inline int64_t
lease_fetch(const struct config *config)
{
	return config->archive_timeout + config->lease_margin;
}

/* The lease of a submission that may have to wait until a poll, or another submission, gives its slot back.
 */
static inline int64_t
lease_turn(const struct config *config)
{
	int64_t poll = lease_poll(config), submit = lease_submit(config);
	return poll > submit ? poll : submit;
}

/* True where a request must no longer be sent under a lease taken at `since` (wall ms): it was queued for so
 * long that the lease could run out before the answer is written, or the clock was set back. */
static inline bool
lease_is_stale(const struct config *config, int64_t since, int64_t now)
{
	return now - since > config->lease_margin / 2 || now < since;
}

#endif
