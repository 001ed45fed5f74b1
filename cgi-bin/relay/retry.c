/* POST /api/video/tasks/:videoId/retry
 *
 * Tries a FAILED or CANCELLED task again with the same inputs, the image included: the same videoId, another
 * attempt. {maxPriceMicro?} says what it may cost. Answers as a creation does. Errors: task_not_found,
 * not_ended, no_channel, channel_unavailable, model_not_found, unsupported_field, busy, model_not_allowed,
 * too_many_open, rate_limited, model_not_priced, price_changed, insufficient_credit, budget_exceeded,
 * upstream_rejected, submission_unknown. Writes through domain/change and domain/submit. */
#include "api/call.h"
#include "api/create_input.h"
#include "api/payment.h"
#include "base/amount.h"
#include "base/limits.h"
#include "domain/task/change.h"
#include "handlers.h"
#include "handoff.h"
#include "web/field.h"

struct body {
	struct field_int max_price;
};

static const struct field fields[] = {{"maxPriceMicro", FIELD_INT, offsetof(struct body, max_price),
                                       .never_empty = true, .min = 0, .max = AMOUNT_MOST}};

/* Reads what the retry may cost. There need not be a body. */
static struct err
read_cap(struct call *call, struct price_cap *ret_cap)
{
	struct body body = {0};
	const struct request *request = call->request;
	bool is_there =
	    request->content_length > 0 || (request->content_length < 0 && request->content_type[0] != '\0');
	struct err err = is_there ? field_read_json_body(fields, 1, call->request, LIMIT_SMALL_BODY, &body)
	                          : err_of(ERR_OK);
	return err.code == ERR_OK ? payment_cap(call, &body.max_price, ret_cap) : err;
}

struct err
relay_retry(struct call *call)
{
	struct domain_env env = driver_env(call->program, call->store);
	struct change_target target = {.user_id = call_scope(call),
	                               .video_id = call->request->params[0],
	                               .api_key = call->user->key_id,
	                               .asker = call->user->id};
	struct creation creation = {0};
	struct task *task = &creation.order.task;
	struct change_refusal refusal;
	struct err err = read_cap(call, &target.cap);
	if (err.code != ERR_OK)
		return err;
	err = err_of(change_retry(&env, call->arena, &target, task, &refusal));
	if (payment_is_wrong(err.code, &refusal.quote))
		err = payment_error(err.code, &refusal.quote, &refusal.payment, call->arena);
	else if (err.code == ERR_UNSUPPORTED_FIELD)
		err = create_input_unsupported(&refusal.unsaid, NULL, call->arena);
	err.retry_after_ms = refusal.wait_ms;
	if (err.code != ERR_OK)
		return err;
	call_log(call, "retried", task->video_id);
	creation.submit = task->state == TASK_STATE_SENDING;
	return handoff_creation(call, &creation);
}
