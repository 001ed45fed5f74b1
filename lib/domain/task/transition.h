/* Makes every move of a task: its creation, along the edges of model/state.def, to another attempt, and the
 * return of a lease. What follows from a move (counts, the archive, webhooks) follows inside the store's
 * verbs that are used here, and money follows by the table's column (money/hold.h), in the same transaction.
 * Internal to this folder. Each function works inside the caller's transaction, on the thread of the store.
 */
#ifndef DOMAIN_TASK_TRANSITION_H
#define DOMAIN_TASK_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/task/state.h"
#include "model/task.h"

struct domain_env;
struct quote;
struct store;

/* Adds a task and writes its id and revision into it, with its charge where `quote` is billed. Errors as
 * store_task_add(), and hold_add(). */
enum err_code transition_create(const struct domain_env *env, const struct quote *quote, struct task *task);

/* How the row stands after the move, beside its state. */
struct transition {
	int64_t now;           /* becomes updated_at where a client can see the move */
	const char *new_owner; /* the lease that it bears; NULL = none */
	int64_t due_at;        /* 0 = never */
	bool plain; /* news of progress and facts alone: the row's due_at and counts stay (task_move) */
	int64_t completed_at; /* 0 = it has not ended */
	int64_t accepted_at;  /* 0 leaves it as it is */
	int64_t tries, not_found_count;
	/* NULL and 0 leave these as they are; the errors go with any state but FAILED. */
	const char *external_id;
	int progress; /* never lowers */
	const char *video_url, *image_url;
	const char *job;        /* what later calls need: a JSON object, which replaces the one before */
	struct job_facts facts; /* each as far as it is news */
	const char *error_code, *error_message;
	const char *cancelled_by; /* of a move to CANCELLED: as in struct task */
};

/* Takes the edge and updates `task`, whose new strings are those of `change`. ERR_CONFLICT where the row's
 * state, attempt or owner is not that of `task`: nothing is written then. */
enum err_code
transition(struct store *store, enum state_edge edge, const struct transition *change, struct task *task);

/* For a poll: where a webhook has asked for another look since `task` was read, `change` leaves it at that
 * (TASK_LOOK_NOW), unless the task is not looked at any more. */
enum err_code transition_keep_asked(struct store *store, const struct task *task, struct transition *change);

/* Another attempt. */
struct transition_again {
	enum state_edge edge;
	int64_t now, due_at, deadline_at;
	const char *new_owner;
	int64_t api_key; /* that it is made with; 0 = a login */
};

/* Ends what is still held of an attempt that has ended, before another is priced. */
enum err_code transition_let_go(struct store *store, int64_t now, struct task *task);

/* Takes the edge to another attempt (RETRY, RESUME): the row keeps what became of the last attempt in the
 * table attempt, `task` is as new, with a charge where `quote` is billed. ERR_CONFLICT as above, and where
 * the task is leased or deleted. */
enum err_code transition_retry(const struct domain_env *env, const struct transition_again *again,
                               const struct quote *quote, struct task *task);

/* Has money follow an event that is no edge; where a client sees another charge then, the task gets a new
 * revision, unless it is deleted. */
enum err_code transition_event(struct store *store, enum state_event event, int64_t now, struct task *task);

/* Returns our lease on `task`: the row is due at `due_at` (0 = never), with the counts of `task`. What is
 * kept of the prompt of a deleted one goes once it is never due. ERR_CONFLICT where the lease is no longer
 * ours. */
enum err_code lease_return(struct store *store, const struct task *task, int64_t due_at);

#endif
