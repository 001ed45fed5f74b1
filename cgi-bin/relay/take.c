/* From a checked input to an answer, or to a submission that will answer. */
#include "take.h"

#include "answer.h"
#include "api/call.h"
#include "api/create_input.h"
#include "domain/create.h"
#include "domain/env.h"

struct item
take_down(struct call *call, const struct create_input *input, int64_t *ret_wait_ms)
{
	struct create_result result;
	struct domain_env env = driver_env(call->program, call->store);
	enum err_code err = create_task(&env, call->arena, input, &result);
	if (result.replayed ||
	    (err != ERR_OK && err != ERR_UNCERTAIN)) /* uncertain: the row may be there, and need it */
		create_input_drop(call, input);
	*ret_wait_ms = result.wait_ms;
	return (struct item){
	    .task = result.task,
	    .replayed = result.replayed,
	    .err = err,
	    .drive = err == ERR_OK && !result.replayed && result.task.state == TASK_STATE_SENDING,
	};
}

struct err
take_on(struct call *call, const struct item *item)
{
	if (!item->drive)
		answer_one(call->request, call->reply, item, 1, call->lang);
	else if (!driver_take(call->program, call, item, 1, answer_one))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

struct err
take_input(struct call *call, const struct create_input *input)
{
	int64_t wait_ms = 0;
	struct item item = take_down(call, input, &wait_ms);
	if (item.err != ERR_OK) {
		struct err err = err_of(item.err);
		err.retry_after_ms = wait_ms;
		return err;
	}
	return take_on(call, &item);
}
