/* Accepting submissions, finding jobs: see submission.h. */
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

struct input_fields {
	const char *prompt, *model, *size;
	struct field_int seconds;
};

static const struct field fields[] = {
    {"prompt", FIELD_TEXT, offsetof(struct input_fields, prompt), .required = true, .min = 1,
     .max = LIMIT_PROMPT},
    {"model", FIELD_LINE, offsetof(struct input_fields, model), .min = 1, .max = LIMIT_WORD},
    {"size", FIELD_LINE, offsetof(struct input_fields, size), .min = 1, .max = LIMIT_WORD},
    {"seconds", FIELD_INT, offsetof(struct input_fields, seconds), .min = 1, .max = LIMIT_SECONDS},
    {.kind = FIELD_OTHERS}, /* unknown ones are kept, and shown by /simulator/jobs */
};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

/* The text parts of a form as a JSON object; NULL where a name is not UTF-8 or memory is short. */
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

/* Reads the body: the fields that mean something into `given`, all of them as they came into `input`. */
static struct err
read_body(struct call *call, struct input_fields *given, struct job_input *input)
{
	static const char *const files[] = {"input_reference", "last_frame", "references", NULL};
	const struct json *object;
	struct form form;
	struct err err;

	if (request_is_type(call->request, "application/json")) {
		err = field_read_body(call->request, &object);
		if (err.code == ERR_OK)
			err = field_read_json(fields, FIELD_COUNT, object, call->arena, given);
		if (err.code == ERR_OK)
			input->fields = json_text(call->arena, object);
	} else {
		err = form_read(call->request, files, call->dir, &form);
		if (err.code == ERR_OK)
			err =
			    field_read_pairs(fields, FIELD_COUNT, form.pairs, form.count, call->arena, given);
		if (err.code == ERR_OK) {
			input->fields = form_text(call->arena, &form);
			input->image = form.file;
		}
	}
	if (err.code == ERR_OK && !input->fields)
		err = err_say(ERR_BAD_FORM, NULL, "The fields cannot be kept.");
	return err;
}

/* Sets the fault of the answer: the job's own, or else the one of the settings. */
static enum err_code
choose_fault(struct call *call, bool poll, enum fault own, struct settings *ret_settings)
{
	enum err_code code;

	call->fault = own;
	if (own != FAULT_OK)
		code = settings_load(call->arena, call->dir, ret_settings);
	else
		code = settings_count(call->arena, call->dir, poll, ret_settings, &call->fault);
	if (code == ERR_OK)
		call->retry_after = ret_settings->retry_after;
	return code;
}

/* Fills in what was not sent: as in the source of a remix, or a default. */
static void
fill_input(const struct input_fields *given, const struct job *source, struct job_input *input)
{
	input->prompt = given->prompt;
	input->model = given->model ? given->model : source ? source->model : "sim";
	input->size = given->size ? given->size : source ? source->size : "720x1280";
	input->seconds = given->seconds.set ? given->seconds.value : source ? source->seconds : 4;
	input->remixed_from = source ? source->id : NULL;
}

struct err
submission_accept(struct call *call, const char *dialect, const struct job *source, struct job *ret_job)
{
	struct job_input input = {.dialect = dialect};
	struct input_fields given = {.prompt = NULL};
	struct model_switches switches;
	struct settings settings;

	struct err err = read_body(call, &given, &input);
	if (err.code != ERR_OK)
		return err;
	fill_input(&given, source, &input);
	err = model_switches_read(input.model, &switches);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = choose_fault(call, false, switches.submit, &settings);
	if (code != ERR_OK)
		return err_of(code);
	call->delay_ms = switches.delay_ms >= 0 ? switches.delay_ms : settings.answer_delay_ms;
	if (!fault_takes_job(call->fault)) {
		ret_job->id = NULL;
		return err;
	}
	input.duration_ms = switches.duration_ms >= 0 ? switches.duration_ms : settings.duration_ms;
	input.authorization = request_header(call->request, "Authorization");
	input.idempotency_key = request_header(call->request, "Idempotency-Key");
	input.content_type = call->request->content_type;
	return err_of(settings.keys ? idempotency_accept(call->arena, call->dir, &input, ret_job)
	                            : job_accept(call->arena, call->dir, &input, ret_job));
}

struct err
submission_find(struct call *call, const char *dialect, struct job *ret_job)
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
submission_poll(struct call *call, const char *dialect, struct job *ret_job)
{
	struct settings settings;
	struct job job;
	int64_t polls;

	struct err err = submission_find(call, dialect, &job);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = job_count_poll(call->arena, call->dir, &job, &polls);
	if (code != ERR_OK)
		return err_of(code);
	bool own = job.switches.poll_times == 0 || polls <= job.switches.poll_times;
	code = choose_fault(call, true, own ? job.switches.poll : FAULT_OK, &settings);
	if (code != ERR_OK)
		return err_of(code);
	call->delay_ms = settings.poll_delay_ms;
	*ret_job = job;
	return err;
}

struct err
submission_find_source(struct call *call, const char *dialect, struct job *ret_job)
{
	struct err err = submission_find(call, dialect, ret_job);
	if (err.code == ERR_OK && !job_state(ret_job, clock_wall_ms()).completed)
		return err_say(ERR_BAD_REQUEST, NULL, "The video %s is not completed.", ret_job->id);
	return err;
}
