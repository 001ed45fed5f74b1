/* One question about one task, outside the polling schedule: to look for a lost submission (lookup), to call
 * a job off upstream (recall). Ask, then write what the answer means, in a transaction of its own: errands
 * are few. Used by the poller. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_FOLLOWUP_H
#define DOMAIN_TASK_FOLLOWUP_H

#include <stdbool.h>
#include <stddef.h>

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
	/* Writes what the response means, inside a durable transaction; the lease must be given back, or the
	 * task moved. ERR_CONFLICT: somebody else has the task by now, nothing is lost. */
	enum err_code (*conclude)(const struct domain_env *env, struct followup *followup,
	                          const struct http_response *response);
};

extern const struct followup_kind followup_find; /* for a task in state UNSURE: lookup.c */
extern const struct followup_kind
    followup_cancel; /* for one in state CANCELLED, with an upstream id: recall.c */

/* A runner of errands; the environment is copied, what it points to must outlive the runner. NULL when memory
 * is short. */
struct followups *followups_new(const struct domain_env *env);

/* Frees it; end what is under way before. NULL is fine. */
void followups_free(struct followups *followups);

/* Runs an errand for a task that is under our lease, once its channel does not rest; until then the lease is
 * given back. The task is copied. Where memory is short the lease will run out. */
void followups_start(struct followups *followups, const struct followup_kind *kind, const struct task *task);

/* From now on answers are not judged any more: the tasks are due at once, for whoever comes next. For a stop.
 */
void followups_abandon(struct followups *followups);

/* How many are under way. */
size_t followups_active(const struct followups *followups);

#endif
