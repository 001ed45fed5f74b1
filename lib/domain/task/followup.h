/* Followups: one question about one task beside the polls, to find a lost submission (followup_find.c) or to
 * cancel a job upstream (followup_cancel.c). Each asks, then writes what the answer means, in a transaction
 * of its own, as followups are few. Used by the poller. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_FOLLOWUP_H
#define DOMAIN_TASK_FOLLOWUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct channel;
struct domain_env;
struct followups;
struct http_request;
struct http_response;

struct followup {
	struct arena *arena; /* holds all of it */
	const struct channel *channel;
	struct task task; /* under our lease */
};

struct followup_kind {
	/* Composes the question, but for its timeout. */
	enum err_code (*compose)(const struct followup *followup, struct http_request *ret_request);
	/* Writes what the response means, inside a durable transaction: returns the lease, or moves the task.
	 * ERR_CONFLICT where another process has the task by now: nothing is lost. */
	enum err_code (*conclude)(const struct domain_env *env, struct followup *followup,
	                          const struct http_response *response);
};

/* For a task in state UNSURE, or CANCELLED without an upstream id: finds its job. */
extern const struct followup_kind followup_find;

/* For a task in state CANCELLED, with an upstream id: cancels its job. */
extern const struct followup_kind followup_cancel;

/* How long a followup waits that has had `tries` answers without an end, in ms: never less than the upstream
 * asks for. For the kinds. */
int64_t followup_wait(const struct domain_env *env, int64_t tries, const struct http_response *response);

/* A runner of followups; the environment is copied, what it points to must outlive the runner. NULL when
 * memory is short. */
struct followups *followups_new(const struct domain_env *env);

/* Frees it; end what is under way before. NULL is fine. */
void followups_free(struct followups *followups);

/* Runs a followup for a task that is under our lease; where its channel cools down, returns the lease until
 * then. The task is copied. When memory is short the lease runs out. */
void followups_start(struct followups *followups, const struct followup_kind *kind, const struct task *task);

/* Stops judging answers: from now on each task is due at once, for another process. For a stop. */
void followups_abandon(struct followups *followups);

/* The number of followups under way. */
size_t followups_active(const struct followups *followups);

#endif
