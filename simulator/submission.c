/* Taking submissions and finding jobs: see take.h. */
#include "submission.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "call.h"
#include "job.h"
#include "idempotency.h"
#include "settings.h"
#include "web/field.h"
#include "web/form.h"

struct wishes {
	const char *prompt, *model, *size;
	struct field_int seconds;
};

static const struct field fields[] = {
    {"prompt", FIELD_TEXT, offsetof(struct wishes, prompt), .required = true, .min = 1, .max = LIMIT_PROMPT},
    {"model", FIELD_LINE, offsetof(struct wishes, model), .min = 1, .max = LIMIT_WORD},
    {"size", FIELD_LINE, offsetof(struct wishes, size), .min = 1, .max = LIMIT_WORD},
    {"seconds", FIELD_INT, offsetof(struct wishes, seconds), .min = 1, .max = LIMIT_SECONDS},
    {.kind = FIELD_OTHERS}, /* an upstream may know more; what came is shown by /simulator/jobs */
};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

/* The text parts of a form as a JSON object; NULL where a name is no text or memory is short. */
static const char *
form_text(struct arena *arena, const struct form *form)
{
	const char *text = NULL;
	struct jsonw w;
	struct buf out;

	buf_init(&out, LIMIT_REPLY);
	jsonw_init(&w, &out);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < form->count; i++) {
		const char *name = form->pairs[i].name;

		if (utf8_count(name, strlen(name)) < 0)
			goto done;
		jsonw_string(&w, name, form->pairs[i].value);
	}
	jsonw_object_end(&w);
	if (!out.failed)
		text = arena_strndup(arena, buf_str(&out), out.len);
done:
	buf_free(&out);
	return text;
}

/* Reads the body into the wishes, and into the order what is to be kept of it as it came. */
static struct err
read_body(struct call *call, struct wishes *wishes, struct job_order *order)
{
	const struct json *object;
	struct form form;
	struct err err;

	if (request_is_type(call->request, "application/json")) {
		err = field_read_body(call->request, &object);
		if (err.code == ERR_OK)
			err = field_read_json(fields, FIELD_COUNT, object, call->arena, wishes);
		if (err.code == ERR_OK)
			order->fields = json_text(call->arena, object);
	} else {
		err = form_read(call->request, "input_reference", call->dir, &form);
		if (err.code == ERR_OK)
			err = field_read_pairs(fields, FIELD_COUNT, form.pairs, form.count, call->arena,
			                       wishes);
		if (err.code == ERR_OK) {
			order->fields = form_text(call->arena, &form);
			order->image = form.file;
		}
	}
	if (err.code == ERR_OK && !order->fields)
		err = err_say(ERR_BAD_FORM, NULL, "The fields cannot be kept.");
	return err;
}

/* Decides what becomes of the answer: the job's own fault, or else the one that is set for all. */
static enum err_code
meet(struct call *call, bool poll, enum fault own, struct settings *ret_settings)
{
	enum err_code code;

	call->fault = own;
	if (own != FAULT_OK)
		code = settings_load(call->arena, call->dir, ret_settings);
	else
		code = settings_meet(call->arena, call->dir, poll, ret_settings, &call->fault);
	if (code == ERR_OK)
		call->retry_after = ret_settings->retry_after;
	return code;
}

/* What was not said, from the source of a remix or from habit. */
static void
fill_order(const struct wishes *wishes, const struct job *source, struct job_order *order)
{
	order->prompt = wishes->prompt;
	order->model = wishes->model ? wishes->model : source ? source->model : "sim";
	order->size = wishes->size ? wishes->size : source ? source->size : "720x1280";
	order->seconds = wishes->seconds.set ? wishes->seconds.value : source ? source->seconds : 4;
	order->remixed_from = source ? source->id : NULL;
}

struct err
take_submission(struct call *call, const char *dialect, const struct job *source, struct job *ret_job)
{
	struct job_order order = {.dialect = dialect};
	struct wishes wishes = {.prompt = NULL};
	struct switches switches;
	struct settings settings;

	struct err err = read_body(call, &wishes, &order);
	if (err.code != ERR_OK)
		return err;
	fill_order(&wishes, source, &order);
	err = switches_read(order.model, &switches);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = meet(call, false, switches.submit, &settings);
	if (code != ERR_OK)
		return err_of(code);
	call->delay_ms = switches.delay_ms >= 0 ? switches.delay_ms : settings.answer_delay_ms;
	if (!fault_takes_job(call->fault)) {
		ret_job->id = NULL;
		return err;
	}
	order.duration_ms = switches.duration_ms >= 0 ? switches.duration_ms : settings.duration_ms;
	order.authorization = request_header(call->request, "Authorization");
	order.idempotency_key = request_header(call->request, "Idempotency-Key");
	order.content_type = call->request->content_type;
	return err_of(settings.keys ? keys_accept(call->arena, call->dir, &order, ret_job)
	                            : job_accept(call->arena, call->dir, &order, ret_job));
}

struct err
take_job(struct call *call, const char *dialect, struct job *ret_job)
{
	const char *id = call->request->params[0];
	struct job job;

	enum err_code code = job_load(call->arena, call->dir, id, &job);
	if (code == ERR_OK &&
	    (strcmp(job.dialect, dialect) != 0 || job_deleted_at(call->arena, call->dir, &job) != 0))
		code = ERR_NOT_FOUND;
	if (code == ERR_NOT_FOUND)
		return err_say(ERR_NOT_FOUND, NULL, "There is no such video.");
	if (code == ERR_OK)
		*ret_job = job;
	return err_of(code);
}

struct err
take_poll(struct call *call, const char *dialect, struct job *ret_job)
{
	struct settings settings;
	struct job job;
	int64_t polls;

	struct err err = take_job(call, dialect, &job);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = job_count_poll(call->arena, call->dir, &job, &polls);
	if (code != ERR_OK)
		return err_of(code);
	bool own = job.switches.poll_times == 0 || polls <= job.switches.poll_times;
	code = meet(call, true, own ? job.switches.poll : FAULT_OK, &settings);
	if (code != ERR_OK)
		return err_of(code);
	call->delay_ms = settings.poll_delay_ms;
	*ret_job = job;
	return err;
}

struct err
take_source(struct call *call, const char *dialect, struct job *ret_job)
{
	struct err err = take_job(call, dialect, ret_job);
	if (err.code == ERR_OK && !job_state(ret_job, clock_wall_ms()).completed)
		return err_say(ERR_BAD_REQUEST, NULL, "The video %s is not completed.", ret_job->id);
	return err;
}
