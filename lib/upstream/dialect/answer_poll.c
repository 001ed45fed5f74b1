/* Reads the answers to polls. */
#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/job.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/refusal.h"
#include "upstream/http/message.h"

/* Takes the answer for no verdict, which says nothing against the task. */
static void
fail(struct poll_answer *answer, const char *why)
{
	answer->verdict = POLL_FAILED;
	answer->why = why;
}

/* Finds out how the job stands. POLL_UNKNOWN_WORD where the answer does not say. */
static enum poll_status
status_of(const struct dialect *dialect, const struct dialect_ask *ask, const struct json *root,
          struct arena *arena, struct poll_answer *answer)
{
	const struct dialect_sign *sign;
	if (fact_sign(dialect->completed, root, arena) != NULL)
		return POLL_COMPLETED;
	if ((sign = fact_sign(dialect->failed, root, arena)) != NULL) {
		answer->error_code = sign->code;
		return POLL_ERROR;
	}
	if (ask == &dialect->result)
		return POLL_COMPLETED;
	answer->word = fact_find(dialect, FACT_STATUS, root, arena);
	if (answer->word != NULL)
		return dialect_status(dialect, answer->word);
	/* Some upstreams say nothing until a job has ended. */
	return dialect->completed != NULL || dialect->failed != NULL ? POLL_RUNNING : POLL_UNKNOWN_WORD;
}

static void
read_facts(const struct dialect *dialect, const struct json *root, struct arena *arena,
           struct poll_answer *answer)
{
	answer->progress = fact_progress(dialect, root);
	answer->video_url = fact_find(dialect, FACT_VIDEO_URL, root, arena);
	answer->image_url = fact_find(dialect, FACT_IMAGE_URL, root, arena);
	answer->facts = fact_job(dialect, root, arena);
	answer->cost = fact_cost(dialect, root, arena);
	answer->facts.cost = fact_worth(dialect, answer->cost);
	if (answer->status != POLL_ERROR)
		return;
	const struct refusal said = refusal_read(dialect, root, arena);
	answer->error_code = said.code != NULL ? said.code : answer->error_code;
	answer->error_message = said.message;
	if (refusal_judge(dialect, &said, NULL, HTTP_OK) != REFUSAL_ACCOUNT)
		return;
	/* The operator's account: what is said of it is for the log. */
	answer->why =
	    arena_printf(arena, "%s: %s", said.code ? said.code : "-", said.message ? said.message : "-");
	answer->error_code = answer->error_message = NULL;
}

/* Reads an answer that says by the profile's places for it that the question is refused. False where it does
 * not. */
static bool
read_refusal(const struct dialect *dialect, const struct json *root, struct arena *arena,
             struct poll_answer *answer)
{
	const struct refusal said = refusal_read(dialect, root, arena);
	if (!refusal_is_named(dialect, root, arena))
		return false;
	if (refusal_judge(dialect, &said, NULL, HTTP_OK) == REFUSAL_LATER)
		answer->verdict = POLL_THROTTLED;
	else
		fail(answer, arena_printf(arena, "The upstream refuses the question: %s",
		                          said.code ? said.code : "-"));
	return true;
}

/* Done without a link: another call has it, or some upstreams give it a little later. */
static void
look_for_video(const struct dialect *dialect, const struct dialect_ask *ask, const struct json *root,
               struct arena *arena, struct poll_answer *answer)
{
	const struct json *video = fact_at(root, dialect->facts[FACT_VIDEO_BASE64]);
	bool result = dialect->result.call.path != NULL || dialect->result.url != NULL;
	bool inside = json_string(video) != NULL && json_string(video)[0] != '\0';
	if (answer->status != POLL_COMPLETED || answer->video_url != NULL || inside)
		return;
	answer->asks_on = result && ask != &dialect->result;
	answer->result_id = fact_find(dialect, FACT_RESULT_ID, root, arena);
	if (!answer->asks_on && !dialect->content.path)
		answer->status = POLL_NO_VIDEO;
}

/* Reads the body of an answer whose status code is a success. */
static void
read_body(const struct dialect *dialect, const struct dialect_ask *ask, const struct json *root,
          struct arena *arena, struct poll_answer *answer)
{
	if (root == NULL) {
		fail(answer, "The answer is not a JSON object");
		return;
	}
	answer->verdict = POLL_NEWS;
	answer->status = status_of(dialect, ask, root, arena, answer);
	read_facts(dialect, root, arena, answer);
	look_for_video(dialect, ask, root, arena, answer);
	bool silent = answer->status == POLL_RUNNING || answer->status == POLL_UNKNOWN_WORD ||
	              answer->status == POLL_NO_VIDEO;
	if (silent && answer->word == NULL && read_refusal(dialect, root, arena, answer))
		return;
	if (answer->status == POLL_UNKNOWN_WORD && answer->word == NULL)
		fail(answer, "The answer has no status");
	else if (answer->status == POLL_LOST)
		answer->verdict = POLL_MISSING;
}

static bool
is_in(const short *codes, int status)
{
	while (codes != NULL && *codes != 0 && *codes != status)
		codes++;
	return codes != NULL && *codes == status;
}

/* Reads an answer whose status code the profile takes for: still under way. The body of a success may say
 * more, or nothing. */
static void
read_pending(const struct dialect *dialect, const struct dialect_ask *ask,
             const struct http_response *response, const struct json *root, struct arena *arena,
             struct poll_answer *answer)
{
	if (response->status < HTTP_REDIRECT && ask != &dialect->result)
		read_body(dialect, ask, root, arena, answer);
	if (answer->verdict != POLL_FAILED)
		return;
	answer->verdict = POLL_NEWS;
	answer->status = POLL_RUNNING;
	answer->why = NULL;
}

static void
read_answered(const struct dialect *dialect, const struct dialect_ask *ask,
              const struct http_response *response, struct arena *arena, struct poll_answer *answer)
{
	const struct json *root = fact_root(response, arena);
	bool success = dialect_accepts(&ask->call, response->status);
	bool failed = is_in(ask->failed, response->status);
	struct refusal said = {0};
	/* Most answers refuse nothing, and to look for that takes longer than all else. */
	if (!success || failed)
		said = refusal_read(dialect, root, arena);
	bool refused = !success && refusal_judge(dialect, &said, NULL, response->status) == REFUSAL_ACCOUNT;

	if (response->status == HTTP_TOO_MANY || response->status == HTTP_UNAVAILABLE) {
		answer->verdict = POLL_THROTTLED;
		answer->retry_after_ms = response->retry_after_ms;
	} else if (refused) { /* the operator's trouble, and no verdict on the job */
		fail(answer,
		     arena_printf(arena, "The upstream answered %d: it refuses the key or the account",
		                  response->status));
	} else if (is_in(ask->pending, response->status)) {
		read_pending(dialect, ask, response, root, arena, answer);
	} else if (failed) {
		answer->verdict = POLL_NEWS;
		answer->status = POLL_ERROR;
		answer->error_code = said.code;
		answer->error_message = said.message;
	} else if (response->status == HTTP_NOT_FOUND || response->status == HTTP_GONE) {
		answer->verdict = POLL_MISSING;
	} else if (success) {
		read_body(dialect, ask, root, arena, answer);
	} else {
		fail(answer, arena_printf(arena, "The upstream answered %d", response->status));
	}
	/* A gateway, too, may say when to come back: then it is there. */
	if (answer->verdict == POLL_FAILED && answer->fault && response->retry_after_ms > 0) {
		answer->verdict = POLL_THROTTLED;
		answer->retry_after_ms = response->retry_after_ms;
		answer->lost = false;
	}
}

/* Reads the answer to a question. */
static struct poll_answer
read_ask(const struct dialect *dialect, const struct dialect_ask *ask, const struct http_response *response,
         struct arena *arena)
{
	struct poll_answer answer = {.verdict = POLL_FAILED,
	                             .status = POLL_UNKNOWN_WORD,
	                             .progress = -1,
	                             .interval_min = dialect->poll_interval_min};

	/* A 4xx but 429 is about the job and not the channel's fault, nor is an answer of megabytes. */
	answer.fault = (response->end != HTTP_ANSWERED && !response->oversize) ||
	               response->status >= HTTP_SERVER_ERROR || response->status == HTTP_TOO_MANY;
	answer.lost =
	    answer.fault && (response->end != HTTP_ANSWERED || response->status == HTTP_BAD_GATEWAY ||
	                     response->status == HTTP_GATEWAY_TIMEOUT);
	if (response->end == HTTP_ANSWERED)
		read_answered(dialect, ask, response, arena, &answer);
	else
		answer.why = arena_strdup(arena, response->why);
	return answer;
}

void
answer_poll(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
            struct poll_answer *ret_answer)
{
	*ret_answer = read_ask(dialect, &dialect->poll, response, arena);
}

void
answer_result(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
              struct poll_answer *answer)
{
	const struct poll_answer before = *answer;
	*answer = read_ask(dialect, &dialect->result, response, arena);
	if (answer->progress < 0)
		answer->progress = before.progress;
	if (answer->image_url == NULL)
		answer->image_url = before.image_url;
	answer->facts.model = answer->facts.model ? answer->facts.model : before.facts.model;
	answer->facts.size = answer->facts.size ? answer->facts.size : before.facts.size;
	if (answer->facts.seconds == 0)
		answer->facts.seconds = before.facts.seconds;
	if (answer->cost == NULL) {
		answer->cost = before.cost;
		answer->facts.cost = before.facts.cost;
	}
	if (answer->facts.expires_at == 0)
		answer->facts.expires_at = before.facts.expires_at;
}

const char *
answer_job(const struct task *task, const struct poll_answer *answer, struct arena *arena)
{
	return answer->cost != NULL ? job_with_cost(task, answer->cost, arena) : NULL;
}
