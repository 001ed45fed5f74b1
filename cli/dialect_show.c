/* longreel dialect show: the requests that a profile makes for a task, in their order, and what it would
 * refuse. Nothing is sent. No key is read: what stands for one is not shown, either. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli.h"
#include "model/channel.h"
#include "model/content_variant.h"
#include "model/task.h"
#include "profile.h"
#include "request_print.h"
#include "trial_task.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/wish.h"

enum { OUT_MOST = 16 * 1024 * 1024, REFUSALS_MOST = 32 };

struct show {
	const struct cli_call *call;
	struct arena *arena;
	struct channel channel;
	struct trial_task trial;
	struct buf *out;
	struct jsonw w;
};

/* Where one request comes from. */
struct step {
	const char *call, *what;
	enum err_code (*compose)(struct show *show, struct http_request *ret_request);
};

/* ---- the requests ---- */

static enum err_code
submit(struct show *show, struct http_request *ret_request)
{
	const struct trial_task *trial = &show->trial;
	return compose_submit(&show->channel, &trial->task, &trial->inputs, show->arena, ret_request);
}

static enum err_code
poll(struct show *show, struct http_request *ret_request)
{
	return compose_poll(&show->channel, &show->trial.task, show->arena, ret_request);
}

static enum err_code
result(struct show *show, struct http_request *ret_request)
{
	return compose_result(&show->channel, &show->trial.task, "RESULT_ID", show->arena, ret_request);
}

static enum err_code
content(struct show *show, struct http_request *ret_request)
{
	return compose_content(&show->channel, &show->trial.task, show->arena, ret_request);
}

static enum err_code
thumbnail(struct show *show, struct http_request *ret_request)
{
	return compose_picture(&show->channel, &show->trial.task, VARIANT_THUMBNAIL, show->arena,
	                       ret_request);
}

static enum err_code
cancel(struct show *show, struct http_request *ret_request)
{
	return compose_cancel(&show->channel, &show->trial.task, show->arena, ret_request);
}

static enum err_code
list(struct show *show, struct http_request *ret_request)
{
	return compose_list(&show->channel, show->arena, ret_request);
}

static enum err_code
models(struct show *show, struct http_request *ret_request)
{
	return compose_models(&show->channel, show->arena, ret_request);
}

static enum err_code
check(struct show *show, struct http_request *ret_request)
{
	bool missing = false;
	return compose_check(&show->channel, show->arena, ret_request, &missing);
}

static const struct step upload_step = {"upload", "an image, before the submission", NULL};

static const struct step steps[] = {
    {"submit", "makes the job", submit},
    {"poll", "asks how it stands; JOB_ID is its id", poll},
    {"result", "asks for the video of a job that is done, where the poll has no link", result},
    {"content", "fetches the video, where no answer has a link", content},
    {"thumbnail", "fetches a picture of it, likewise", thumbnail},
    {"cancel", "stops the job", cancel},
    {"list", "looks for a submission whose outcome is not known", list},
    {"models", "asks for the models; longreel channel check does", models},
    {"check", "tries the key; longreel channel check does", check},
};

/* ---- what is printed ---- */

static enum err_code
put_request(struct show *show, const struct step *step, const struct http_request *request)
{
	const struct dialect *dialect = show->channel.dialect;
	if (show->call->json) {
		jsonw_object(&show->w, NULL);
		jsonw_string(&show->w, "call", step->call);
		enum err_code err = request_put_json(&show->w, dialect, request, show->arena);
		jsonw_object_end(&show->w);
		return err;
	}
	buf_addf(show->out, "%s# %s: %s\n", show->out->len > 0 ? "\n" : "", step->call, step->what);
	if (show->call->curl)
		request_put_curl(show->out, dialect, request);
	else
		request_put_text(show->out, dialect, request);
	return ERR_OK;
}

static bool
is_wanted(const struct show *show, const struct step *step)
{
	return show->call->call == NULL || strcmp(show->call->call, step->call) == 0;
}

/* Puts the uploads, each of which gives an id to its image. */
static enum err_code
put_uploads(struct show *show)
{
	struct http_request request;
	size_t at;
	for (int n = 1;; n++) {
		enum err_code err = compose_upload(&show->channel, &show->trial.task, &show->trial.inputs,
		                                   show->arena, &request, &at);
		if (err != ERR_OK)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		if (is_wanted(show, &upload_step) && put_request(show, &upload_step, &request) != ERR_OK)
			return ERR_NO_MEMORY;
		show->trial.images[at].id = arena_printf(show->arena, "UPLOAD_ID_%d", n);
		if (show->trial.images[at].id == NULL)
			return ERR_NO_MEMORY;
	}
}

static int
put_requests(struct show *show)
{
	enum err_code err = put_uploads(show);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == ERR_OK; i++) {
		struct http_request request;
		if (!is_wanted(show, &steps[i]))
			continue;
		err = steps[i].compose(show, &request);
		if (err == ERR_OK)
			err = put_request(show, &steps[i], &request);
		else if (err == ERR_NOT_FOUND)
			err = ERR_OK; /* the profile has no such call */
		else
			return cli_fail("%s: the call cannot be made from this profile and this task.",
			                steps[i].call);
	}
	return err == ERR_OK ? CLI_DONE : cli_fail("%s", err_text(err, "en"));
}

static void
put_refusal(struct show *show, const char *field, const char *why)
{
	if (why[0] == '\0')
		why = "the profile has no field for it";
	if (show->call->json) {
		jsonw_object(&show->w, NULL);
		jsonw_string(&show->w, "field", field);
		jsonw_string(&show->w, "why", why);
		jsonw_object_end(&show->w);
	} else {
		buf_addf(show->out, "refused: %s: %s\n", field, why);
	}
}

/* Puts each wish that the profile cannot say. Returns CLI_FAILED where there is any, or CLI_MISUSED. */
static int
put_refusals(struct show *show)
{
	static const struct task nothing;
	struct cli_call left = *show->call;
	int outcome = CLI_DONE;
	for (int i = 0; i < REFUSALS_MOST; i++) {
		struct trial_task trial;
		struct wish wish;
		int read = trial_task_read(&left, show->arena, &trial);
		if (read != CLI_DONE)
			return read;
		if (i == 0)
			show->trial = trial;
		if (!dialect_can_make(show->channel.dialect, trial.kind)) {
			put_refusal(show, job_kind_word(trial.kind), "the profile has no such call");
			return CLI_FAILED;
		}
		const struct task *source = trial.kind == DIALECT_CREATE ? NULL : &nothing;
		if (!wish_unsaid(&show->channel, &trial.task, source, show->arena, &wish))
			return outcome;
		put_refusal(show, wish.field, wish.why);
		outcome = CLI_FAILED;
		if (!trial_task_drop(&left, wish.field))
			break;
	}
	return outcome;
}

static int
put_all(struct show *show)
{
	bool json = show->call->json;
	jsonw_init(&show->w, show->out);
	if (json) {
		jsonw_object(&show->w, NULL);
		jsonw_array(&show->w, "refused");
	}
	int outcome = put_refusals(show);
	if (outcome == CLI_MISUSED)
		return outcome;
	if (json) {
		jsonw_array_end(&show->w);
		jsonw_array(&show->w, "requests");
	}
	if (outcome == CLI_DONE)
		outcome = put_requests(show);
	if (json) {
		jsonw_array_end(&show->w);
		jsonw_object_end(&show->w);
		buf_addc(show->out, '\n');
	}
	if (show->out->failed)
		return cli_fail("not enough memory.");
	fputs(buf_str(show->out), stdout);
	return cli_finish() == CLI_DONE ? outcome : CLI_FAILED;
}

static bool
is_call(const char *word)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(word, steps[i].call) == 0)
			return true;
	return strcmp(word, upload_step.call) == 0;
}

int
cli_dialect_show(const struct cli_call *call)
{
	char why[PROFILE_WHY_SIZE];
	if (call->base != NULL && !trial_base_good(call->base))
		return CLI_MISUSED;
	if (call->call != NULL && !is_call(call->call)) {
		cli_fail("--call must be upload, submit, poll, result, content, thumbnail, cancel, list, "
		         "models or check.");
		return CLI_MISUSED;
	}
	struct show show = {.call = call, .arena = arena_new()};
	show.out = show.arena ? buf_in_arena(show.arena, OUT_MOST) : NULL;
	struct dialect *dialect = show.out ? profile_load(call, call->operands[0], show.arena, why) : NULL;
	int outcome = CLI_FAILED;
	if (show.out == NULL) {
		cli_fail("not enough memory.");
	} else if (dialect == NULL) {
		cli_fail("%s", why);
	} else {
		show.channel = trial_channel(dialect, call->base);
		outcome = put_all(&show);
	}
	dialect_free(dialect);
	arena_free(show.arena);
	return outcome;
}
