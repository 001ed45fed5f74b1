/* Routing: which channel a task goes to, and whether a channel takes a task now. A task may change its
 * channel only in state READY, since nothing of it has been sent, and not where it is made from a video of
 * its channel. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_CHANNEL_ROUTE_H
#define DOMAIN_CHANNEL_ROUTE_H

#include <stdbool.h>

#include "base/err.h"
#include "model/channel.h"
#include "upstream/dialect/wish.h"

struct arena;
struct domain_env;
struct task;

struct route_choice {
	const struct channel *channel; /* to be released */
	bool open;                     /* it takes the task now */
	struct wish unsaid;            /* with ERR_UNSUPPORTED_FIELD: what cannot be asked for */
};

/* Chooses the channel for the task, by its model, its id and its attempt, among those that may make its model
 * (channel_may_make) and whose upstreams can be told all that it asks for (wish_unsaid). One whose budget has
 * no room for `amount`, which the task is to cost, in micro-units, is chosen only where all are so: whether
 * it can be paid is for the caller to check. ERR_NO_CHANNEL where there is none that gets new work,
 * ERR_NO_MODEL where none of them has the model, ERR_CHANNEL_AWAY where one has, but lacks its key or its
 * profile, ERR_UNSUPPORTED_FIELD where those that have it cannot be told a field, ERR_BUSY as long as the
 * channels of the database could not be read. */
enum err_code route_choose(const struct domain_env *env, const struct task *task, int64_t amount,
                           struct route_choice *ret_choice);

/* ret_open: true where the channel takes the task, as a new one, now: it does not cool down for such, has not
 * asked the task itself to come later, and its limits leave room for one more than the tasks that wait for it
 * already, which go first. */
enum err_code route_open(const struct domain_env *env, const struct channel *channel, const struct task *task,
                         bool *ret_open);

/* ret_free: true where no task waits for its turn at the channel, so that one that it takes now is sent at
 * once. */
enum err_code route_is_free(const struct domain_env *env, const char *channel, bool *ret_free);

/* True where the channel may make the task's model; for a task made from a video also where that video has
 * the same model, as the channel has made that already. */
bool route_fits(const struct domain_env *env, struct arena *arena, const struct channel *channel,
                const struct task *task);

/* The same for tasks of all models but those that cool down by themselves. `newcomer`: for a task behind all
 * that wait, else for one of these. */
enum err_code
route_takes(const struct domain_env *env, const struct channel *channel, bool newcomer, bool *ret_open);

/* Finds another channel that names the task's model (channel_names), may have the task, has not said that it
 * lacks the model, and has room in its budgets for what the task holds: the one behind its own. ret_name: in
 * the arena, NULL = there is none. */
enum err_code route_other_with_model(const struct domain_env *env, struct arena *arena,
                                     const struct task *task, const char **ret_name);

/* Notes that the task is sent to its channel (health.h), and counts a submission of the task against its
 * channel's rate; inside the caller's transaction. */
enum err_code route_count(const struct domain_env *env, const struct task *task);

/* Gives a task in state READY, leased to task->owner or to none, to another channel where that takes it now,
 * with room in its budgets for what the task holds, and its own does not; updates `task`, its channel in the
 * arena. ret_moved: true where it has another channel now. Inside the caller's transaction. */
enum err_code
route_reassign(const struct domain_env *env, struct arena *arena, struct task *task, bool *ret_moved);

struct route_later {
	int64_t until;  /* the channel asked for; 0 = it did not say */
	int64_t due_at; /* the task is, where it stays */
};

/* The task's channel has asked it to come later: gives it to another that takes it now and has not, in this
 * round, nor for longer. Where there is none the round is over. Otherwise as route_reassign(). */
enum err_code route_turn_away(const struct domain_env *env, struct arena *arena,
                              const struct route_later *later, struct task *task, bool *ret_moved);

struct route_next {
	const char *channel; /* in the arena */
	bool open;           /* it takes the task now */
	struct wish unsaid;  /* as in struct route_choice */
};

/* Chooses the channel for the next attempt of a task that has ended, which is to cost `amount`: that of the
 * video that it is made from, else any. Errors as route_choose(). */
enum err_code route_retry(const struct domain_env *env, struct arena *arena, const struct task *task,
                          int64_t amount, struct route_next *ret_next);

/* Sets that channel for the task, which has just become READY. Inside the caller's transaction. */
enum err_code route_assign(const struct domain_env *env, const struct route_next *next, struct task *task);

#endif
