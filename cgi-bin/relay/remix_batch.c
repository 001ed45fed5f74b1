/* POST /api/video/tasks/remix {videoIds:[…≤50], prompt, model?, seed?, negative_prompt?, audio?, extra?,
 * maxPriceMicro? (of each), clientRequestIds?}
 *
 * {results:[{videoId, success, data|error, code}]} in the order of asking: each source succeeds or fails by
 * itself, and the answer comes when the last submission has ended. clientRequestIds, where given, has one id
 * for each source. Errors: bad_field. Writes through domain/task/create and domain/task/submit. */
#include <stddef.h>
#include <string.h>

#include "answer.h"
#include "api/call.h"
#include "api/create_options.h"
#include "api/envelope.h"
#include "api/payment.h"
#include "base/amount.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "domain/task/create.h"
#include "handlers.h"
#include "store/task.h"
#include "web/field.h"

struct body {
	struct field_lines sources, request_ids;
	const char *prompt, *model;
	struct options_asked options;
	struct field_int max_price;
};

static const struct field fields[] = {
    {"videoIds", FIELD_LINES, offsetof(struct body, sources), .required = true, .min = 1,
     .max = LIMIT_REMIX_BATCH},
    {"prompt", FIELD_TEXT, offsetof(struct body, prompt), .required = true, .min = 1, .max = LIMIT_PROMPT},
    {"model", FIELD_LINE, offsetof(struct body, model), .min = 1, .max = LIMIT_WORD},
    OPTIONS_FIELDS(struct body, options),
    {"maxPriceMicro", FIELD_INT, offsetof(struct body, max_price), .never_empty = true, .min = 0,
     .max = AMOUNT_MOST},
    {"clientRequestIds", FIELD_LINES, offsetof(struct body, request_ids), .min = 1, .max = LIMIT_REMIX_BATCH},
    {.kind = FIELD_HARMLESS},
};

static enum err_code
answer_batch(const struct request *request, struct reply *reply, const struct creation *creations,
             size_t count, const char *lang)
{
	struct jsonw w = envelope_begin(reply);
	jsonw_object(&w, "data");
	jsonw_array(&w, "results");
	for (size_t i = 0; i < count; i++) {
		struct err err = answer_error(&creations[i].order);
		jsonw_object(&w, NULL);
		jsonw_string(&w, "videoId", creations[i].label);
		jsonw_bool(&w, "success", err.code == ERR_OK);
		if (err.code == ERR_OK) {
			jsonw_object(&w, "data");
			answer_members(&w, request->arena, &creations[i].order.task, lang);
			jsonw_object_end(&w);
		} else {
			jsonw_string(&w, "error",
			             err.detail[0] != '\0' ? err.detail : err_text(err.code, lang));
			jsonw_string(&w, "code", err_word(err.code));
			if (err.details != NULL)
				jsonw_raw(&w, "details", err.details);
		}
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	envelope_end(&w, request, reply, 200);
	return ERR_OK;
}

/* The creation from source number `i`. */
static struct creation
creation_of(struct call *call, const struct body *body, struct price_cap cap, const char *options, size_t i)
{
	struct creation creation = {.label = body->sources.items[i]};
	enum err_code *err = &creation.order.err;
	struct task *source = arena_alloc(call->arena, sizeof(*source));
	struct create_input *input = arena_alloc(call->arena, sizeof(*input));
	if (source == NULL || input == NULL) {
		*err = ERR_NO_MEMORY;
		return creation;
	}
	*input = (struct create_input){
	    .user_id = call->user->id,
	    .api_key = call->user->key_id,
	    .client_request_id = body->request_ids.count > 0 ? body->request_ids.items[i] : NULL,
	    .cap = cap,
	    .prompt = body->prompt,
	    .model = body->model,
	    .options = options,
	    .metadata = "{}",
	    .received_at = clock_wall_ms(),
	    .source = source,
	    .job = DIALECT_REMIX,
	};
	*err = store_task_get(call->store, call->arena, call_scope(call), body->sources.items[i], source);
	if (*err == ERR_OK)
		creation.order.input = input;
	return creation;
}

struct err
relay_remix_batch(struct call *call)
{
	struct body body = {0};
	struct err bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
	                                      LIMIT_JSON_BODY, &body);
	if (bad.code == ERR_OK && body.prompt[strspn(body.prompt, " \t\r\n")] == '\0')
		bad = err_say(ERR_BAD_FIELD, "prompt", "prompt must not be blank.");
	if (bad.code == ERR_OK && body.request_ids.count != 0 && body.request_ids.count != body.sources.count)
		bad = err_say(ERR_BAD_FIELD, "clientRequestIds",
		              "clientRequestIds must have one id for each of videoIds.");
	struct price_cap cap = {0};
	if (bad.code == ERR_OK)
		bad = payment_cap(call, &body.max_price, &cap);
	if (bad.code != ERR_OK)
		return bad;
	size_t count = body.sources.count;
	struct creation *creations = arena_alloc(call->arena, count * sizeof(*creations));
	const char *options = options_text(call->arena, &body.options);
	if (creations == NULL || options == NULL)
		return err_of(ERR_NO_MEMORY);
	for (size_t i = 0; i < count; i++)
		creations[i] = creation_of(call, &body, cap, options, i);
	bool taken = driver_take_call(call->program, call, creations, count, answer_batch);
	return err_of(taken ? ERR_OK : ERR_NO_MEMORY);
}
