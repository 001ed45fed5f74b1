/* Hands a call over to the driver: see handoff.h. */
#include "handoff.h"

#include "answer.h"
#include "api/call.h"
#include "api/create_input.h"
#include "api/openai_error.h"
#include "base/config.h"

struct err
handoff_creation(struct call *call, const struct creation *creation)
{
	driver_answer *answer = openai_is_asked(call->request) ? answer_video : answer_one;
	if (creation->order.input == NULL && !creation->submit)
		answer(call->request, call->reply, creation, 1, call->lang);
	else if (!driver_take_call(call->program, call, creation, 1, answer))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

struct err
handoff_input(struct call *call, const struct create_input *input)
{
	const struct creation creation = {.order.input = input};
	struct err err = handoff_creation(call, &creation);
	if (err.code != ERR_OK)
		create_input_drop(call->config->data, input);
	return err;
}
