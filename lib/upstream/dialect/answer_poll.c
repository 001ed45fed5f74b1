/* Reads the answers to polls. */
#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/refusal.h"
#include "upstream/http/message.h"

/* Reads the body of a poll's answer whose status code is a success. */
static void
read_poll_body(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
               struct poll_answer *answer)
{
	const struct json *root = fact_root(response, arena);

	if (root == NULL) {
		answer->why = "The answer is not a JSON object";
		return;
	}
	answer->word = fact_find(dialect, FACT_STATUS, root, arena);
	if (!answer->word) {
		answer->why = "The answer has no status";
		return;
	}
	answer->verdict = POLL_NEWS;
	answer->status = dialect_status(dialect, answer->word);
	if (answer->status == POLL_LOST) {
		answer->verdict = POLL_MISSING;
		return;
	}
	answer->progress = fact_progress(dialect, root);
	answer->video_url = fact_find(dialect, FACT_VIDEO_URL, root, arena);
	answer->image_url = fact_find(dialect, FACT_IMAGE_URL, root, arena);
	answer->facts = fact_job(dialect, root, arena);
	const struct refusal said = refusal_read(dialect, root, arena);
	answer->error_code = said.code;
	answer->error_message = said.message;
	/* Completed without a link: some upstreams give it a little later. */
	if (answer->status == POLL_COMPLETED && !answer->video_url && !dialect->content.path)
		answer->status = POLL_NO_VIDEO;
}

void
answer_poll(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
            struct poll_answer *ret_answer)
{
	struct poll_answer answer = {.verdict = POLL_FAILED, .status = POLL_UNKNOWN_WORD, .progress = -1};

	/* A 4xx but 429 is about the job and not the channel's fault, nor is an answer of megabytes. */
	answer.fault = (response->end != HTTP_ANSWERED && !response->oversize) ||
	               response->status >= HTTP_SERVER_ERROR || response->status == HTTP_TOO_MANY;
	if (response->end != HTTP_ANSWERED) {
		answer.why = arena_strdup(arena, response->why);
	} else if (response->status == HTTP_NOT_FOUND || response->status == HTTP_GONE) {
		answer.verdict = POLL_MISSING;
	} else if (response->status == HTTP_TOO_MANY || response->status == HTTP_UNAVAILABLE) {
		answer.verdict = POLL_THROTTLED;
		answer.retry_after_ms = response->retry_after_ms;
	} else if (dialect_accepts(&dialect->poll, response->status)) {
		read_poll_body(dialect, response, arena, &answer);
	} else {
		answer.why = arena_printf(arena, "The upstream answered %d", response->status);
	}
	*ret_answer = answer;
}
