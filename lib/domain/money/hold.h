/* Holds: money follows the task. A charge is made with an attempt and ends with it, in the transaction that
 * creates or moves the task, and by nothing else. Belongs to the store's thread; each works inside the
 * caller's transaction. After an error nothing of that may be kept. ERR_LEDGER where a balance would be what
 * it may not be: the accounts do not add up, and the move is to be tried again. */
#ifndef DOMAIN_MONEY_HOLD_H
#define DOMAIN_MONEY_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/charge.h"

struct domain_env;
struct quote;
struct store;
struct task;

/* Makes the charge of the task's attempt, whose row is there already, and notes it in `task`: of the time of
 * the quote, by which it was checked (check.h), too. Nothing happens where `quote` is not billed. */
enum err_code hold_add(const struct domain_env *env, const struct quote *quote, struct task *task);

/* What has happened to an attempt: an edge, or an event, of state.def. */
struct hold_event {
	enum money money;
	const char *name; /* "COMPLETE"; in small letters it becomes the charge's reason */
	int64_t now;
};

/* Has the money follow what has happened to the task, which is as it stands afterwards; what clients see of
 * its charge is updated in memory, too. An attempt without a charge costs one look into an index. True in
 * `ret_changed`, which may be NULL, where a client sees another charge now. */
enum err_code
hold_follow(struct store *store, const struct hold_event *event, struct task *task, bool *ret_changed);

#endif
