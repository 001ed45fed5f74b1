/* Channel health: the one place where it is decided that a channel cools down. It does so
 *  - after a submission that was not accepted: 1 s, doubled with each in a row up to 60 s;
 *  - from the third failed call in a row: 1 s, doubled likewise;
 *  - for as long as the upstream asks (Retry-After), up to an hour.
 * Trouble of the operator's account (key, balance) keeps new work alone from it, by times of its own.
 * A call that works ends the count of failures, but never a cooldown, since it was sent before that. The
 * first three functions are pure and thread-safe; the others read and write inside the caller's transaction.
 * Times in ms. */
#ifndef DOMAIN_CHANNEL_HEALTH_H
#define DOMAIN_CHANNEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"

struct store;
struct submit_answer;
struct task;

/* The cooldown after a submission that was not accepted, the `failures`th call in a row that failed and the
 * `tries`th of that task: ± 10 % by `dice`, never less than what the upstream asked for. The tries count up
 * to 8 s only, so that a task that is never taken does not hold the others back. */
int64_t health_cooldown(int64_t failures, int64_t tries, int64_t retry_after, double dice);

/* The health after a call that failed; `cooldown` > 0 is one to begin at once. Calls that fail during a
 * cooldown were sent before it: they do not count again. */
struct channel_health health_failed(struct channel_health before, int64_t cooldown, int64_t now);

/* The health after a call that was answered properly. */
struct channel_health health_works(struct channel_health before);

/* Notes that the channel did not accept a submission, the `tries`th of its task. */
enum err_code health_note_not_accepted(struct store *store, const char *channel, int64_t tries,
                                       const struct submit_answer *answer);

/* What several calls to one channel have shown. */
struct health_calls {
	bool works;     /* at least one was answered properly */
	bool failed;    /* at least one failed by the channel's fault */
	bool throttled; /* at least one was answered: not now */
	int64_t retry_after;
};

/* Notes what calls have shown: one proper answer outweighs all failures, but not a wait that the upstream
 * asked for. */
enum err_code health_note(struct store *store, const char *channel, const struct health_calls *calls);

/* Notes that the channel took a task: it works, and its account is in order. */
enum err_code health_note_accepted(struct store *store, const char *channel);

/* Notes that the answer to the task's submission speaks of the operator's account: the channel gets no new
 * work for 1 s, doubled each time up to 60 s. Logs one warning until a task is taken again. */
enum err_code
health_note_account(struct store *store, const struct task *task, const struct submit_answer *answer);

/* Notes that the task is sent to its channel. Where that had trouble of its account this is the probe, and no
 * other task is sent until its outcome is known, or 20 s have passed. */
enum err_code health_note_sent(struct store *store, const struct task *task);

/* ret_until: the time before which nothing may be sent to the channel; 0 = it may be sent now. */
enum err_code
health_cooldown_until(struct store *store, const char *channel, int64_t now, int64_t *ret_until);

#endif
