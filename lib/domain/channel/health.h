/* Channel health: the one place where it is decided that a channel cools down, and for what. A cooldown is as
 * narrow as its reason:
 *  - a model, for new work of a user, or of all, where tasks of it are turned away one after the other
 *    (model_health.h);
 *  - the key, for new work, where the upstream speaks of the operator's account (account_health.h);
 *  - polls, where they are answered 429 or 5xx;
 *  - the connection, for all, where none can be made, or they are lost for the third time in a row.
 * Each begins with 1 s, doubled with each failure up to 60 s, and lasts for as long as the upstream asked for
 * (Retry-After). At its end one submission probes, and no other is sent until its outcome is known: a task
 * that is taken ends the count, unless it was sent before. A poll ends none for new work. The first three
 * functions are pure and thread-safe; the others read and write inside the caller's transaction, but for
 * health_note_key(), which makes its own. Times in ms. */
#ifndef DOMAIN_CHANNEL_HEALTH_H
#define DOMAIN_CHANNEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"

struct store;
struct submit_answer;
struct task;

/* How long a task waits that was turned away for the `tries`th time: 1 s, doubled up to 60 s, and up to a
 * fifth longer by `dice`; never less than what the upstream asked for. */
int64_t health_task_wait(int64_t tries, int64_t retry_after, double dice);

/* The cooldown after a submission for which no connection could be made, the `failures`th failure in a row
 * and the `tries`th of that task: ± 10 % by `dice`. The tries count up to 8 s only, so that a task that is
 * never taken does not hold the others back. */
int64_t health_cooldown(int64_t failures, int64_t tries, double dice);

/* The health after a connection that failed; `cooldown` > 0 is one to begin at once, else one begins with the
 * third in a row. What fails during a cooldown was sent before it: it does not count again. */
struct channel_health health_failed(struct channel_health before, int64_t cooldown, int64_t now);

/* Notes that the channel did not accept a submission, the `tries`th of its task: it was told to come later,
 * or no connection could be made. */
enum err_code health_note_not_accepted(struct store *store, const struct task *task, int64_t tries,
                                       const struct submit_answer *answer);

/* Notes that the outcome of a submission is unknown; what is no fault of the channel's changes nothing. */
enum err_code
health_note_unknown(struct store *store, const struct task *task, const struct submit_answer *answer);

/* Notes that the channel took a task: it works with that model, and its account is in order. */
enum err_code health_note_accepted(struct store *store, const struct task *task);

/* Notes that a submission has an outcome that says nothing of its channel: where it was the probe, another
 * may be. */
enum err_code health_note_over(struct store *store, const struct task *task);

/* Notes that the answer to the task's submission speaks of the operator's account: the channel gets no new
 * work. Logs one warning until a task is taken again. */
enum err_code
health_note_account(struct store *store, const struct task *task, const struct submit_answer *answer);

/* Notes that the channel has the key `key_id` for new work: trouble of another is over. */
enum err_code health_note_key(struct store *store, const char *channel, const char *key_id);

/* Notes that the task is sent to its channel; perhaps as a probe. */
enum err_code health_note_sent(struct store *store, const struct task *task);

/* What several polls of one channel have shown. */
struct health_polls {
	bool works;          /* at least one was answered properly */
	bool lost;           /* at least one had no answer, by the channel's fault */
	bool failed;         /* at least one had none, or 429, or a 5xx */
	int64_t retry_after; /* the longest wait that the upstream asked for; 0 = none */
};

/* Notes that: one proper answer outweighs all failures, but not a wait that the upstream asked for. */
enum err_code health_note_polls(struct store *store, const char *channel, const struct health_polls *polls);

/* What is to be sent to a channel. */
enum health_use {
	HEALTH_FOLLOWUP,   /* a question beside the polls */
	HEALTH_ANY_WORK,   /* a new task, whatever its model */
	HEALTH_REPETITION, /* a submission again, whose job counts already */
	HEALTH_NEW_WORK    /* a new task */
};

/* ret_until: the time before which that may not be sent to the channel; 0 = it may be sent now. While a probe
 * is under way that is a second at most, as its outcome is soon known. `task` is that of a submission, from
 * HEALTH_REPETITION on. */
enum err_code health_until(struct store *store, const char *channel, enum health_use use,
                           const struct task *task, int64_t now, int64_t *ret_until);

/* The health of a channel for polls. */
struct poll_health {
	int64_t until;      /* no poll is to be sent before, wall ms; 0 = one may be sent now */
	int64_t told_until; /* when the last wait ends that polls were told by their own answers, be it over;
	                       0 = they were told none */
	bool troubled; /* polls or connections have failed since the last proper answer: the next is to be
	                  noted */
};

/* The same for polls. */
enum err_code
health_of_polls(struct store *store, const char *channel, int64_t now, struct poll_health *ret_health);

#endif
