/* Where tasks go: the choice of a channel for those of which nothing has been sent, and the limits of
 * channels. A task may change its channel in state READY only, and only where it is not made from a video of
 * that channel. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_CHANNEL_ROUTE_H
#define DOMAIN_CHANNEL_ROUTE_H

#include <stdbool.h>

#include "base/err.h"
#include "model/channel.h"

struct arena;
struct domain_env;
struct task;

/* Takes out the channel for the task, by its model, its id and its attempt: of those that may make its model
 * (channel_may_make); with a reference image of those that take one, if any does. `ret_open`: whether it
 * takes the task now. ERR_NO_CHANNEL where there is none that gets new work, ERR_NO_MODEL where none of them
 * has the model, ERR_CHANNEL_AWAY where one has, but lacks its key or its profile,
 * ERR_BUSY as long as the channels of the database could not be read. */
enum err_code route_choose(const struct domain_env *env, const struct task *task,
                           const struct channel **ret_channel, bool *ret_open);

/* Whether the channel takes one more submission now: it does not rest, and its limits leave room beside what
 * waits for it already, which goes first. */
enum err_code route_open(const struct domain_env *env, const struct channel *channel, bool *ret_open);

/* Whether the channel may make the task: its model, or, of what is made from a video, the model of that, if
 * the task has no other. */
bool route_fits(const struct domain_env *env, struct arena *arena, const struct channel *channel,
                const struct task *task);

/* The same; `newcomer`: of a task that stands behind all that wait, else of one of these. */
enum err_code
route_takes(const struct domain_env *env, const struct channel *channel, bool newcomer, bool *ret_open);

/* A submission of the task to its channel begins; inside the caller's transaction. */
enum err_code route_count(const struct domain_env *env, const struct task *task);

/* Gives a task in state READY, which is not held, or is held by task->owner, to another channel where another
 * takes it now and its own does not; brings `task` along, its channel in the arena. `ret_moved`: whether it
 * has another channel now. Inside the caller's transaction. */
enum err_code
route_reassign(const struct domain_env *env, struct arena *arena, struct task *task, bool *ret_moved);

struct route_next {
	const char *channel; /* in the arena */
	bool open;           /* it takes the task now */
};

/* Where the next attempt of a task that has ended goes: to the channel of the video that it is made from,
 * else to any. Errors as route_choose(). */
enum err_code route_retry(const struct domain_env *env, struct arena *arena, const struct task *task,
                          struct route_next *ret_next);

/* Puts the task, which has just become READY for that attempt, there. Inside the caller's transaction. */
enum err_code route_assign(const struct domain_env *env, const struct route_next *next, struct task *task);

#endif
