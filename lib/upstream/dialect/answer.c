/* Reads answers; those to polls are read in answer_poll.c, lists in answer_list.c. The order of the checks
 * matters: first how the exchange ended, then the status code, then whether the body is whole and has what it
 * must. An answer that fails one of them is no verdict: the outcome of a submission is then unknown, a poll
 * has failed, and no task ends. */
#include "upstream/dialect/answer.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/inputs.h"
#include "upstream/dialect/job.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/refusal.h"
#include "upstream/http/message.h"

enum { KEY_PIECE = 4 /* bytes of a key that are no secret */ };

/* ---- a link ---- */

const char *
answer_link(const struct dialect *dialect, const char *bytes, size_t len, struct arena *arena)
{
	static const char *const places[] = {"/url",      "/video_url",      "/download_url",
	                                     "/data/url", "/data/video_url", "/data/download_url"};
	const struct http_response response = {.body = bytes, .body_len = len};
	const struct json *root = fact_root(&response, arena);
	const char *link = fact_find(dialect, FACT_VIDEO_URL, root, arena);
	for (size_t i = 0; link == NULL && i < sizeof(places) / sizeof(places[0]); i++)
		link = fact_url(arena, json_pointer(root, places[i]));
	return link;
}

/* ---- submissions ---- */

static enum submit_verdict
verdict_of_status(int status)
{
	switch (status) {
	case HTTP_TOO_MANY:
	case HTTP_UNAVAILABLE:
		return SUBMIT_NOT_ACCEPTED;
	case HTTP_FOUND: /* after a POST it may mean: accepted, look there */
	case HTTP_SEE_OTHER:
	case HTTP_REQUEST_TIMEOUT: /* gateways send it when the server behind them is slow */
		return SUBMIT_UNKNOWN;
	default:
		return status >= 300 && status < 500 ? SUBMIT_REFUSED : SUBMIT_UNKNOWN;
	}
}

/* True for an answer that says: not here, ask there. Nothing was done here; and a body with images, and a
 * key, are not sent where an answer says. */
static bool
leads_elsewhere(int status)
{
	return status == HTTP_MOVED || status == HTTP_TEMPORARY_REDIRECT || status == HTTP_PERMANENT_REDIRECT;
}

/* True for what a gateway says that has no answer from the server behind it. */
static bool
is_gateway_word(int status)
{
	return status == HTTP_BAD_GATEWAY || status == HTTP_GATEWAY_TIMEOUT;
}

/* Reads an answer that holds no id: what the upstream says of the submission, and whose trouble that is. */
static void
read_refusal(const struct dialect *dialect, const struct http_response *response, const struct json *root,
             const struct task *task, struct arena *arena, struct submit_answer *answer)
{
	struct refusal said = refusal_read(dialect, root, arena);
	bool success = response->status >= 200 && response->status < 300;
	const char *text = root == NULL && !success ? fact_sentence(response, arena) : NULL;
	if (text != NULL)
		said.message = fact_clean(arena, text, LIMIT_UPSTREAM_TEXT);

	answer->verdict = verdict_of_status(response->status);
	if (success && (refusal_is_named(dialect, root, arena) || refusal_is_shown(dialect, root, arena)))
		answer->verdict = SUBMIT_REFUSED;
	enum refusal_kind kind = refusal_judge(dialect, &said, task, response->status);
	if (answer->verdict != SUBMIT_UNKNOWN) {
		if (kind == REFUSAL_ACCOUNT)
			answer->verdict = SUBMIT_NO_ACCOUNT;
		else if (kind == REFUSAL_LATER)
			answer->verdict = SUBMIT_NOT_ACCEPTED;
		else if (kind == REFUSAL_PROMPT) /* whatever its status code says */
			answer->verdict = SUBMIT_REFUSED;
		answer->no_model = kind == REFUSAL_MODEL && answer->verdict == SUBMIT_REFUSED;
		answer->doubtful = response->status == HTTP_FORBIDDEN && answer->verdict == SUBMIT_REFUSED;
	}
	if (leads_elsewhere(response->status)) {
		answer->verdict = SUBMIT_NO_ACCOUNT; /* the operator is to see to it */
		answer->no_model = false;
	}
	answer->fault = answer->verdict == SUBMIT_NOT_ACCEPTED ||
	                (answer->verdict == SUBMIT_UNKNOWN && kind != REFUSAL_PROMPT);
	answer->lost = answer->fault && is_gateway_word(response->status);
	if (answer->verdict != SUBMIT_REFUSED)
		answer->retry_after_ms = response->retry_after_ms;
	answer->code = said.code;
	/* A 401 often quotes the key, so its message is not passed on; nor is one about the account where the
	 * outcome is not known, as that is a sentence for the user. */
	answer->message = said.message;
	if (response->status == HTTP_UNAUTHORIZED ||
	    (kind == REFUSAL_ACCOUNT && answer->verdict == SUBMIT_UNKNOWN))
		answer->message = NULL;
	if (leads_elsewhere(response->status))
		answer->message = arena_printf(
		    arena, "The upstream's address leads elsewhere (%d): the channel needs another base.",
		    response->status);
	if (!answer->message)
		answer->message = arena_printf(
		    arena, "The upstream answered %d%s.", response->status,
		    response->status < 300 && answer->verdict == SUBMIT_UNKNOWN ? " without a task id" : "");
}

/* Reads how an exchange ended that has no answer. */
static struct submit_answer
unanswered(const struct http_response *response, struct arena *arena)
{
	struct submit_answer answer = {.verdict = SUBMIT_UNKNOWN};
	if (response->end == HTTP_NOT_SENT)
		answer.verdict = SUBMIT_NOT_ACCEPTED;
	answer.ours = response->ours && answer.verdict == SUBMIT_NOT_ACCEPTED;
	answer.fault = answer.lost = !response->ours && !response->oversize;
	answer.message = arena_strdup(arena, response->why);
	return answer;
}

void
answer_submit(const struct dialect *dialect, const struct http_response *response, const struct task *task,
              struct arena *arena, struct submit_answer *ret_answer)
{
	struct submit_answer answer = {.verdict = SUBMIT_UNKNOWN, .status = response->status};

	if (response->end != HTTP_ANSWERED) {
		*ret_answer = unanswered(response, arena);
		return;
	}
	const struct json *root = fact_root(response, arena);
	if (dialect_accepts(&dialect->forms[DIALECT_CREATE].call, response->status) &&
	    !refusal_is_named(dialect, root, arena))
		answer.external_id = fact_find(dialect, FACT_ID, root, arena);
	if (answer.external_id) {
		answer.verdict = SUBMIT_ACCEPTED;
		answer.facts = fact_job(dialect, root, arena);
		answer.job = job_of_submission(dialect, task, root, arena);
	} else {
		read_refusal(dialect, response, root, task, arena, &answer);
	}
	*ret_answer = answer;
}

void
answer_upload(const struct dialect *dialect, const struct http_response *response, const struct task *task,
              struct arena *arena, struct submit_image *image, struct submit_answer *ret_answer)
{
	struct submit_answer answer = {.verdict = SUBMIT_ACCEPTED, .status = response->status};
	const struct json *root = response->end == HTTP_ANSWERED ? fact_root(response, arena) : NULL;

	if (dialect_accepts(&dialect->upload.call, response->status) &&
	    !refusal_is_named(dialect, root, arena)) {
		const struct json *id = fact_at(root, dialect->upload.id);
		image->id_is_number = json_type(id) == JSON_NUMBER;
		image->id = fact_text(arena, id);
	}
	if (image->id == NULL && response->end != HTTP_ANSWERED)
		answer = unanswered(response, arena);
	else if (image->id == NULL)
		read_refusal(dialect, response, root, task, arena, &answer);
	if (answer.verdict == SUBMIT_UNKNOWN)
		answer.verdict = SUBMIT_NOT_ACCEPTED;
	*ret_answer = answer;
}

/* ---- secrets ---- */

/* True where the text, which may have been cut, ends with the beginning of the key. */
static bool
ends_within(const char *text, const char *key)
{
	size_t len = strlen(text), most = strlen(key);
	for (size_t n = len < most ? len : most; n >= KEY_PIECE; n--)
		if (memcmp(text + len - n, key, n) == 0)
			return true;
	return false;
}

/* True where the text has the secret, or may be cut within it. */
static bool
holds(const char *text, const char *secret)
{
	return secret[0] != '\0' && (strstr(text, secret) != NULL || ends_within(text, secret));
}

const char *
answer_without_key(const struct channel *channel, const char *text)
{
	const char *key = channel->key, *second = key + strcspn(key, ":|");
	bool parts = strlen(second) > 2 * KEY_PIECE;     /* "ACCESS:SECRET": the second is one by itself */
	bool token = text && strstr(text, "eyJhbGciOi"); /* the head of one that is signed with the key */
	bool quotes = text && (holds(text, key) || (parts && holds(text, second + 1)));
	return quotes || token ? NULL : text;
}
