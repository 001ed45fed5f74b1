/* longreel dialect replay: what an upstream's answer means by a profile: the reading is that of the service.
 * What an answer says is outside data: it is shown on one line, without what would change a terminal's state.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli.h"
#include "model/answer.h"
#include "model/channel.h"
#include "profile.h"
#include "trial_task.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/inputs.h"
#include "upstream/http/message.h"

enum { OUT_MOST = 4 * 1024 * 1024, STATUS_LOW = 100, STATUS_HIGH = 599, NAME_WIDTH = 13 };

struct replay {
	const struct cli_call *call;
	struct arena *arena;
	const struct dialect *dialect;
	struct http_response response;
	struct buf *out; /* of JSON */
	struct jsonw w;
};

/* ---- what is printed ---- */

/* Says one thing of the answer; NULL says nothing. */
static void
say(struct replay *replay, const char *name, const char *text)
{
	if (text == NULL)
		return;
	if (replay->call->json) {
		jsonw_string(&replay->w, name, text);
		return;
	}
	printf("  %-*s ", NAME_WIDTH, name);
	cli_put_text(stdout, text, LIMIT_PROMPT);
	putchar('\n');
}

/* Says a number, unless it is below `least`. */
static void
say_number(struct replay *replay, const char *name, int64_t number, int64_t least)
{
	if (number < least)
		return;
	if (replay->call->json)
		jsonw_int(&replay->w, name, number);
	else
		printf("  %-*s %" PRId64 "\n", NAME_WIDTH, name, number);
}

static void
say_time(struct replay *replay, const char *name, int64_t ms)
{
	char when[CLOCK_TEXT_SIZE];
	if (ms <= 0)
		return;
	clock_text(ms, when);
	say(replay, name, when);
}

static void
say_facts(struct replay *replay, const struct job_facts *facts)
{
	say(replay, "model", facts->model);
	say(replay, "size", facts->size);
	say_number(replay, "seconds", facts->seconds, 1);
	say_time(replay, "expires", facts->expires_at);
}

/* ---- submissions ---- */

static void
say_refused(struct replay *replay, const struct submit_answer *answer)
{
	say(replay, "means", "refused");
	say(replay, "code", answer->code);
	say(replay, "message", answer->message);
	if (answer->no_model)
		say(replay, "trouble",
		    "the model's: the upstream does not have it; another channel that "
		    "lists it is tried, else the task fails");
	else if (answer->doubtful)
		say(replay, "trouble",
		    "the user's: the task fails with these words; but the operator's where "
		    "the key is refused for a call that costs nothing, too");
	else
		say(replay, "trouble", "the user's: the task fails with these words");
}

/* What a submission's answer of a success lacks: it is read with the other codes of a success. */
static const char *
hint_of(const struct replay *replay)
{
	struct http_response other = replay->response;
	struct submit_answer answer;
	for (other.status = 200; other.status < 300; other.status++) {
		answer_submit(replay->dialect, &other, NULL, replay->arena, &answer);
		if (answer.verdict == SUBMIT_ACCEPTED)
			return arena_printf(replay->arena,
			                    "its id is %s, but submit.accepted does not have %d",
			                    answer.external_id, replay->response.status);
	}
	return "answer.id names no place with an id, and no error is where errors usually are";
}

static void
say_submission(struct replay *replay, const struct submit_answer *answer, const char *id)
{
	switch (answer->verdict) {
	case SUBMIT_ACCEPTED:
		say(replay, "means", "accepted");
		say(replay, "id", id);
		say_facts(replay, &answer->facts);
		say(replay, "kept", answer->job);
		return;
	case SUBMIT_REFUSED:
		say_refused(replay, answer);
		return;
	case SUBMIT_NO_ACCOUNT:
		say(replay, "means", "refused");
		say(replay, "code", answer->code);
		say(replay, "message", answer->message);
		say(replay, "trouble",
		    "the operator's: the key or the balance; the task waits, or goes to "
		    "another channel");
		return;
	case SUBMIT_NOT_ACCEPTED:
		say(replay, "means", "not now");
		say(replay, "code", answer->code);
		say(replay, "message", answer->message);
		say(replay, "trouble", "the upstream's: the task is sent again later");
		return;
	case SUBMIT_UNKNOWN:
		break;
	}
	say(replay, "means", "not known whether it was accepted");
	say(replay, "code", answer->code);
	say(replay, "message", answer->message);
	if (answer->status >= 200 && answer->status < 300)
		say(replay, "hint", hint_of(replay));
	say(replay, "trouble",
	    dialect_can_list(replay->dialect)
	        ? "the upstream's: the job is looked for in its list"
	        : "the upstream's: the profile has no list to look for the job, so the "
	          "task fails");
}

static void
read_submit(struct replay *replay)
{
	struct submit_answer answer;
	answer_submit(replay->dialect, &replay->response, NULL, replay->arena, &answer);
	say_submission(replay, &answer, answer.external_id);
}

static void
read_upload(struct replay *replay)
{
	struct submit_answer answer;
	struct submit_image image = {0};
	answer_upload(replay->dialect, &replay->response, NULL, replay->arena, &image, &answer);
	say_submission(replay, &answer, image.id);
}

/* ---- polls ---- */

static const char *
meaning_of(const struct poll_answer *answer)
{
	switch (answer->status) {
	case POLL_QUEUED:
		return "queued";
	case POLL_RUNNING:
		return "at work";
	case POLL_COMPLETED:
		return "completed";
	case POLL_ERROR:
		return "failed";
	case POLL_CANCELLED:
		return "cancelled";
	case POLL_NO_VIDEO:
		return "completed, but without a link to the video: it is asked again";
	case POLL_LOST:
	case POLL_UNKNOWN_WORD:
		break;
	}
	return "nothing new: words does not have this word, and the task stays as it is";
}

static void
say_news(struct replay *replay, const struct poll_answer *answer)
{
	say(replay, "means", meaning_of(answer));
	say(replay, "word", answer->word);
	say_number(replay, "progress", answer->progress, 0);
	say(replay, "videoUrl", answer->video_url);
	say(replay, "imageUrl", answer->image_url);
	if (answer->asks_on)
		say(replay, "next", "the call `result` asks for the video");
	else if (answer->status == POLL_COMPLETED && answer->video_url == NULL)
		say(replay, "next", "the video is fetched from content.path, or is in the answer");
	say(replay, "resultId", answer->result_id);
	say_facts(replay, &answer->facts);
	say(replay, "cost", answer->cost);
	say(replay, "code", answer->error_code);
	say(replay, "message", answer->error_message);
}

static void
say_poll(struct replay *replay, const struct poll_answer *answer)
{
	switch (answer->verdict) {
	case POLL_NEWS:
		say_news(replay, answer);
		break;
	case POLL_MISSING:
		say(replay, "means", "there is no such job; the third such answer in a row ends the task");
		break;
	case POLL_THROTTLED:
		say(replay, "means", "not now: it is asked again later");
		break;
	case POLL_FAILED:
		say(replay, "means", "nothing: it is asked again later");
		say(replay, "why", answer->why);
		break;
	}
}

/* Tells of a poll's answer that its code alone is what keeps it from meaning anything. */
static void
say_code(struct replay *replay)
{
	struct http_response other = replay->response;
	struct poll_answer answer = {.verdict = POLL_FAILED};
	for (other.status = 200; other.status < 300 && answer.verdict != POLL_NEWS; other.status++)
		answer_poll(replay->dialect, &other, replay->arena, &answer);
	if (answer.verdict == POLL_NEWS)
		say(replay, "hint",
		    arena_printf(replay->arena, "poll.accepted does not have %d", replay->response.status));
}

static void
read_poll(struct replay *replay)
{
	struct poll_answer answer;
	answer_poll(replay->dialect, &replay->response, replay->arena, &answer);
	say_poll(replay, &answer);
	if (answer.verdict == POLL_FAILED && replay->response.status >= 200 && replay->response.status < 300)
		say_code(replay);
}

static void
read_result(struct replay *replay)
{
	struct poll_answer answer = {.progress = -1};
	answer_result(replay->dialect, &replay->response, replay->arena, &answer);
	say_poll(replay, &answer);
}

/* ---- lists ---- */

static void
read_list(struct replay *replay)
{
	struct list_answer answer;
	answer_list(replay->dialect, &replay->response, replay->arena, &answer);
	say(replay, "means", answer.why != NULL ? "no list" : "a list");
	say(replay, "why", answer.why);
	if (answer.why == NULL)
		say_number(replay, "jobs", (int64_t)answer.count, 0);
	if (replay->call->json)
		jsonw_array(&replay->w, "list");
	for (size_t i = 0; i < answer.count; i++) {
		if (replay->call->json)
			jsonw_object(&replay->w, NULL);
		say(replay, "id", answer.jobs[i].external_id);
		say(replay, "prompt", answer.jobs[i].prompt);
		say(replay, "source", answer.jobs[i].source_external_id);
		say_time(replay, "created", answer.jobs[i].created_at);
		if (replay->call->json)
			jsonw_object_end(&replay->w);
	}
	if (replay->call->json)
		jsonw_array_end(&replay->w);
}

static void
read_models(struct replay *replay)
{
	struct models_answer answer;
	const struct channel channel = trial_channel(replay->dialect, NULL);
	answer_models(&channel, &replay->response, replay->arena, &answer);
	say(replay, "means", answer.why != NULL ? "no list" : "a list");
	say(replay, "why", answer.why);
	if (replay->call->json)
		jsonw_array(&replay->w, "models");
	for (size_t i = 0; i < answer.count; i++)
		say(replay, replay->call->json ? NULL : "model", answer.names[i]);
	if (replay->call->json)
		jsonw_array_end(&replay->w);
}

static void
read_webhook(struct replay *replay)
{
	const struct http_response *said = &replay->response;
	const char *id = answer_webhook(replay->dialect, said->body, said->body_len, replay->arena);
	say(replay, "means", id != NULL ? "the job is polled at once" : "nothing: there is no id of a job");
	say(replay, "id", id);
}

/* ---- all of them ---- */

static const struct reading {
	const char *call, *title;
	bool preset; /* read so where no call is named */
	void (*read)(struct replay *replay);
} readings[] = {
    {"submit", "As the answer to the submission:", true, read_submit},
    {"poll", "As the answer to a poll:", true, read_poll},
    {"result", "As the answer to the call result:", false, read_result},
    {"list", "As the answer to the call list:", false, read_list},
    {"upload", "As the answer to an upload:", false, read_upload},
    {"models", "As the answer to the call models:", false, read_models},
    {"webhook", "As a webhook of the upstream's:", false, read_webhook},
};

/* Reads the answer as that to the call that was named. Returns how many calls that were. */
static int
replay_calls(struct replay *replay)
{
	const char *call = replay->call->call;
	int count = 0;
	if (replay->call->json)
		jsonw_object(&replay->w, NULL);
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (call != NULL ? strcmp(call, readings[i].call) != 0 : !readings[i].preset)
			continue;
		if (replay->call->json)
			jsonw_object(&replay->w, readings[i].call);
		else
			puts(readings[i].title);
		readings[i].read(replay);
		if (replay->call->json)
			jsonw_object_end(&replay->w);
		count++;
	}
	if (replay->call->json)
		jsonw_object_end(&replay->w);
	return count;
}

/* Reads all of standard input, which need not be a file that can be opened by its name. */
static bool
read_input(struct buf *answer)
{
	char bytes[4096];
	size_t len;
	while ((len = fread(bytes, 1, sizeof(bytes), stdin)) > 0 && buf_add(answer, bytes, len))
		;
	if (answer->full)
		cli_fail("the answer is longer than one may be, %d bytes.", LIMIT_ANSWER);
	else if (ferror(stdin) || answer->failed)
		cli_fail("standard input cannot be read.");
	return !answer->failed && !ferror(stdin);
}

static bool
read_answer(const char *name, struct buf *answer)
{
	if (strcmp(name, "-") == 0)
		return read_input(answer);
	enum err_code err = file_read(name, answer);
	if (err == ERR_TOO_LARGE)
		cli_fail("%s is longer than an answer may be, %d bytes.", name, LIMIT_ANSWER);
	else if (err != ERR_OK)
		cli_fail("%s cannot be read: %s", name, strerror(errno));
	return err == ERR_OK;
}

static int
replay_answer(struct replay *replay)
{
	if (arena_failed(replay->arena) || replay->out == NULL)
		return cli_fail("not enough memory.");
	jsonw_init(&replay->w, replay->out);
	if (replay_calls(replay) == 0) {
		cli_fail("--call must be submit, poll, result, list, upload, models or webhook.");
		return CLI_MISUSED;
	}
	if (replay->out->failed || arena_failed(replay->arena))
		return cli_fail("not enough memory.");
	if (replay->call->json)
		puts(buf_str(replay->out));
	return cli_finish();
}

/* Reads a status code. False where it is none. */
static bool
read_status(const char *text, int *ret_status)
{
	long code =
	    text != NULL && strspn(text, "0123456789") == 3 && text[3] == '\0' ? strtol(text, NULL, 10) : 0;
	*ret_status = text != NULL ? (int)code : 200;
	return *ret_status >= STATUS_LOW && *ret_status <= STATUS_HIGH;
}

int
cli_dialect_replay(const struct cli_call *call)
{
	char why[PROFILE_WHY_SIZE];
	struct buf body;
	struct replay replay = {.call = call, .response = {.end = HTTP_ANSWERED}};
	int outcome = CLI_FAILED;
	if (!read_status(call->status, &replay.response.status)) {
		cli_fail("--status must be a status code from %d to %d.", STATUS_LOW, STATUS_HIGH);
		return CLI_MISUSED;
	}
	replay.arena = arena_new();
	if (replay.arena == NULL)
		return cli_fail("not enough memory.");
	replay.out = buf_in_arena(replay.arena, OUT_MOST);
	struct dialect *dialect = profile_load(call, call->operands[0], replay.arena, why);
	buf_init(&body, LIMIT_ANSWER);
	if (dialect == NULL) {
		cli_fail("%s", why);
	} else if (read_answer(call->operands[1], &body)) {
		replay.dialect = dialect;
		replay.response.body = buf_str(&body);
		replay.response.body_len = body.len;
		outcome = replay_answer(&replay);
	}
	buf_free(&body);
	dialect_free(dialect);
	arena_free(replay.arena);
	return outcome;
}
