/* Creates tasks from what clients ask for: the same request gives the same task. Belongs to the thread of the
 * environment's store. */
#ifndef DOMAIN_TASK_CREATE_H
#define DOMAIN_TASK_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "domain/money/check.h"
#include "domain/money/quote.h"
#include "domain/task/create_content.h"
#include "model/task.h"
#include "upstream/dialect/wish.h"

struct arena;
struct domain_env;

/* One task to be created, and what became of it. Lives where its caller puts it, from the request to the
 * answer; all but the first three members begin as zero. */
struct create_order {
	struct create_order *next; /* among those that are created together; NULL = the last */
	const struct create_input *input;
	struct arena *arena;  /* the strings of `task` live here and in the input */
	struct task task;     /* as it stands, where `err` is ERR_OK */
	enum err_code err;    /* why there is no task */
	bool replayed;        /* it existed: same user, same content, and the same client_request_id, or none,
	                         the same API key and retried; nothing was written */
	int64_t wait_ms;      /* with ERR_RATE_LIMITED, ERR_TOO_MANY_OPEN */
	struct wish unsaid;   /* with ERR_UNSUPPORTED_FIELD: what cannot be asked for */
	bool retry_ambiguous; /* with an error, without client_request_id: a task with the same content is
	                         there, or may be; a repetition of this request would pass for its own */
	struct quote quote;   /* what it costs; with ERR_NOT_PRICED what is missing */
	struct check_refusal refusal; /* with ERR_PRICE_CHANGED, ERR_NO_CREDIT, ERR_OVER_BUDGET */
	/* for create_tasks() only */
	uint8_t fingerprint[CRYPTO_HASH_SIZE]; /* of the content */
	bool answered;                         /* without a transaction */
};

/* Creates the tasks of a list of orders in one durable transaction: all that can be created are, or none
 * where the store fails, and then each order bears its error. The orders of a set stand one behind the other,
 * and all of them are created, or all bear the error of one. The task of an order is in state SENDING under
 * our lease, and then the caller must drive it with submit_start(); or in state READY, where its channel
 * takes nothing now, and then the poller submits it. Where there is a source, its channel makes the remix
 * too, and its size, seconds, aspect ratio (and model, unless given) are taken over; ERR_NO_EXTERNAL_ID,
 * ERR_NOT_COMPLETED, ERR_UNSUPPORTED. ERR_UNSUPPORTED_FIELD where no channel of the model can be told all
 * that is asked for. ERR_REQUEST_ID_REUSED where the id exists with other content;
 * ERR_NO_CHANNEL; ERR_MODEL_NOT_ALLOWED, ERR_RATE_LIMITED and ERR_TOO_MANY_OPEN (admit.h; a repetition never
 * counts); what quote_task() and check_payable() say, of all tasks of a set together; ERR_TASK_DELETED for a
 * repetition of what was deleted since; ERR_UNCERTAIN (the row may be there); the store's errors. */
void create_tasks(const struct domain_env *env, struct create_order *orders);

#endif
