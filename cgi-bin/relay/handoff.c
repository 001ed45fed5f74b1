/* From a checked input, or a task that is there, to what the driver takes. */
#include "handoff.h"

#include "answer.h"
#include "api/call.h"
#include "api/create_input.h"
#include "api/openai_error.h"
#include "base/config.h"

struct err
take_on(struct call *call, const struct item *item)
{
	driver_answer *answer = openai_is_asked(call->request) ? answer_video : answer_one;
	if (item->input == NULL && !item->drive)
		answer(call->request, call->reply, item, 1, call->lang);
	else if (!driver_take(call->program, call, item, 1, answer))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

struct err
take_input(struct call *call, const struct create_input *input)
{
	const struct item item = {.input = input};
	struct err err = take_on(call, &item);
	if (err.code != ERR_OK)
		create_input_drop(call->config->data, input);
	return err;
}
