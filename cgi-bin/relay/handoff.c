/* Hands a call over to the driver: see handoff.h. */
#include "handoff.h"

#include "answer.h"
#include "api/call.h"
#include "api/create_input.h"
#include "api/openai_error.h"
#include "base/arena.h"
#include "base/config.h"
#include "domain/upload.h"

static driver_answer *
answer_of(const struct call *call)
{
	return openai_is_asked(call->request) ? answer_video : answer_one;
}

struct err
handoff_creation(struct call *call, const struct creation *creation)
{
	driver_answer *answer = answer_of(call);
	if (creation->order.input == NULL && !creation->submit)
		answer(call->request, call->reply, creation, 1, call->lang);
	else if (!driver_take_call(call->program, call, creation, 1, answer))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

/* Names the set's task number `place`. */
static enum err_code
place_id(struct call *call, int64_t place, struct create_input *input)
{
	const char *id = input->client_request_id;
	input->place = place;
	if (id == NULL)
		return ERR_OK;
	input->set_id = id;
	input->client_request_id = arena_printf(call->arena, "%s#%d", id, (int)place + 1);
	return input->client_request_id != NULL ? ERR_OK : ERR_NO_MEMORY;
}

/* Makes the input of the set's task number `place`: it has an id and images of its own. */
static enum err_code
place_input(struct call *call, const struct create_input *first, int64_t place,
            struct create_input *ret_input)
{
	const char *data = call->config->data;
	struct create_input input = *first;
	enum err_code err = place_id(call, place, &input);
	input.input_file = input.images = NULL;
	if (err == ERR_OK && first->input_file != NULL)
		err = upload_share(call->arena, data, first->input_file, &input.input_file);
	if (err == ERR_OK && first->images != NULL)
		err = upload_share_listed(call->arena, data, first->images, &input.images);
	if (err == ERR_OK)
		*ret_input = input;
	else
		create_input_drop(data, &input);
	return err;
}

struct err
handoff_input(struct call *call, const struct create_input *input)
{
	size_t count = input->set > 1 ? (size_t)input->set : 1, made = 1;
	struct creation *creations = arena_alloc(call->arena, count * sizeof(*creations));
	struct create_input *inputs = arena_alloc(call->arena, count * sizeof(*inputs));
	enum err_code err = creations != NULL && inputs != NULL ? ERR_OK : ERR_NO_MEMORY;
	if (err == ERR_OK)
		inputs[0] = *input;
	if (err == ERR_OK && count > 1)
		err = place_id(call, 0, &inputs[0]);
	for (; made < count && err == ERR_OK; made += err == ERR_OK)
		err = place_input(call, input, (int64_t)made, &inputs[made]);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		creations[i] =
		    (struct creation){.order = {.input = &inputs[i]}, .currency = call->config->currency};
	if (err == ERR_OK && !driver_take_call(call->program, call, creations, count, answer_of(call)))
		err = ERR_NO_MEMORY;
	for (size_t i = 1; i < made && err != ERR_OK; i++)
		create_input_drop(call->config->data, &inputs[i]);
	if (err != ERR_OK)
		create_input_drop(call->config->data, input);
	return err_of(err);
}
