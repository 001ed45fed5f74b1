/* Reads answers. The order of the checks matters: first how the exchange ended, then the status code, then
 * whether the body is whole and has what it must. An answer that fails one of them is no verdict: the outcome
 * of a submission is then unknown, a poll has failed, and no task ends. */
#include "upstream/dialect/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/refusal.h"
#include "upstream/http/message.h"

/* The status codes that mean more than their class. */
enum {
	HTTP_FOUND = 302,
	HTTP_SEE_OTHER = 303,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_REQUEST_TIMEOUT = 408,
	HTTP_GONE = 410,
	HTTP_TOO_EARLY = 425,
	HTTP_TOO_MANY = 429,
	HTTP_SERVER_ERROR = 500,
	HTTP_UNAVAILABLE = 503
};

enum {
	NUMBER_TEXT_MAX = 24, /* bytes of a number written as a string */
	KEY_PIECE = 4         /* bytes of a key that are no secret */
};

/* ---- single facts ---- */

/* Reads an id, which goes into URLs, rows and logs: 1 to LIMIT_UPSTREAM_ID bytes without control characters,
 * and neither "." nor "..". */
static const char *
read_id(struct arena *arena, const struct json *value)
{
	const char *id = refusal_scalar(arena, value);
	if (id == NULL || !id[0] || strlen(id) > LIMIT_UPSTREAM_ID || strcmp(id, ".") == 0 ||
	    strcmp(id, "..") == 0)
		return NULL;
	for (const char *p = id; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return NULL;
	return arena_strdup(arena, id);
}

/* Copies a link without the blanks around it, and with %20 for those inside: upstreams send both. NULL where
 * it is empty or too long, or memory is short. */
static const char *
clean_url(struct arena *arena, const char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t len = 0;
	text += strspn(text, blanks);
	size_t left = strlen(text);
	while (left > 0 && strchr(blanks, text[left - 1]) != NULL)
		left--;
	if (left == 0 || left > LIMIT_URL)
		return NULL;
	char *url = arena_alloc(arena, 3 * left + 1);
	for (size_t i = 0; i < left && url != NULL; i++) {
		if (text[i] != ' ') {
			url[len++] = text[i];
			continue;
		}
		memcpy(url + len, "%20", 3);
		len += 3;
	}
	if (url != NULL)
		url[len] = '\0';
	return len <= LIMIT_URL ? url : NULL;
}

static const char *
read_url(struct arena *arena, const struct json *value)
{
	const char *text = json_string(value), *host;
	const char *url = text != NULL ? clean_url(arena, text) : NULL;
	if (url == NULL)
		return NULL;
	if (strncasecmp(url, "https://", 8) == 0)
		host = url + 8;
	else if (strncasecmp(url, "http://", 7) == 0)
		host = url + 7;
	else
		return NULL;
	if (*host == '\0' || strchr("/?#", *host))
		return NULL;
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return NULL;
	return url;
}

static const char *
read_word(struct arena *arena, const struct json *value)
{
	const char *word = json_string(value);
	return word ? refusal_clean(arena, word, LIMIT_WORD) : NULL;
}

/* A size in pixels, "1280x720", in another place a word of the provider's. */
static const char *
read_size(struct arena *arena, const struct json *value)
{
	enum { DIGITS = 5 };
	const char *text = json_string(value);
	size_t wide = text != NULL ? strspn(text, "0123456789") : 0;
	if (wide == 0 || wide > DIGITS || text[wide] != 'x')
		return NULL;
	size_t high = strspn(text + wide + 1, "0123456789");
	return high > 0 && high <= DIGITS && text[wide + 1 + high] == '\0' ? arena_strdup(arena, text) : NULL;
}

/* Returns a fact from the first of its places that holds a usable value, or NULL. */
static const char *
find_fact(const struct dialect *dialect, enum fact fact, const struct json *root, struct arena *arena)
{
	static const char *(*const readers[])(struct arena *, const struct json *) = {
	    [FACT_ID] = read_id,         [FACT_STATUS] = read_word, [FACT_VIDEO_URL] = read_url,
	    [FACT_IMAGE_URL] = read_url, [FACT_SIZE] = read_size,
	};
	const char *found = NULL;
	for (const char *const *p = dialect->facts[fact]; p && *p && found == NULL; p++)
		found = readers[fact](arena, json_pointer(root, *p));
	return found;
}

/* Reads a progress in per cent: 42, 42.7 and 0.42 as numbers or strings, and "42%". A fraction lies strictly
 * between 0 and 1; 1 is one per cent. -1 for anything else. */
static int
read_progress(const struct json *value)
{
	double number;
	bool percent = false;

	if (!json_number(value, &number)) {
		const char *s = json_string(value);
		size_t digits = s ? strspn(s, "-0123456789.") : 0;
		char *end;
		if (digits == 0 || digits > NUMBER_TEXT_MAX)
			return -1;
		number = strtod(s, &end);
		percent = strcmp(s + digits, "%") == 0;
		if (end != s + digits || (s[digits] && !percent))
			return -1;
	}
	if (!percent && number > 0 && number < 1)
		number *= 100;
	if (number <= 0)
		return 0;
	return number >= 100 ? 100 : (int)number;
}

static int
find_progress(const struct dialect *dialect, const struct json *root)
{
	int progress = -1;
	for (const char *const *p = dialect->facts[FACT_PROGRESS]; p && *p && progress < 0; p++)
		progress = read_progress(json_pointer(root, *p));
	return progress;
}

/* Finds the length of the video in whole seconds; 0 where it is not said. */
static int64_t
find_seconds(const struct dialect *dialect, const struct json *root)
{
	for (const char *const *p = dialect->facts[FACT_SECONDS]; p && *p; p++) {
		const struct json *value = json_pointer(root, *p);
		const char *text = json_string(value);
		int64_t seconds = 0;
		size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
		if (digits > 0 && digits < 5 && text[digits] == '\0')
			seconds = strtoll(text, NULL, 10);
		else if (!json_integer(value, &seconds))
			seconds = 0;
		if (seconds > 0 && seconds <= LIMIT_SECONDS)
			return seconds;
	}
	return 0;
}

/* Returns the tree of the body, or NULL where it is not one whole JSON object. A byte order mark before it is
 * passed over: RFC 8259 forbids it, and some servers write it all the same. */
static const struct json *
parse_body(const struct http_response *response, struct arena *arena)
{
	static const char mark[] = "\xef\xbb\xbf";
	const struct json *root;
	const char *body = response->body;
	size_t len = response->body_len;
	if (len >= sizeof(mark) - 1 && memcmp(body, mark, sizeof(mark) - 1) == 0) {
		body += sizeof(mark) - 1;
		len -= sizeof(mark) - 1;
	}
	if (json_parse_bigint(arena, body, len, &root) != ERR_OK || json_type(root) != JSON_OBJECT)
		return NULL;
	return root;
}

/* ---- a link ---- */

const char *
answer_link(const struct dialect *dialect, const char *bytes, size_t len, struct arena *arena)
{
	static const char *const places[] = {"/url",      "/video_url",      "/download_url",
	                                     "/data/url", "/data/video_url", "/data/download_url"};
	const struct http_response response = {.body = bytes, .body_len = len};
	const struct json *root = parse_body(&response, arena);
	const char *link = find_fact(dialect, FACT_VIDEO_URL, root, arena);
	for (size_t i = 0; link == NULL && i < sizeof(places) / sizeof(places[0]); i++)
		link = read_url(arena, json_pointer(root, places[i]));
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

/* Reads an answer that holds no id: what the upstream says of the submission, and whose trouble that is. */
static void
read_refusal(const struct dialect *dialect, const struct http_response *response, const struct json *root,
             const struct task *task, struct arena *arena, struct submit_answer *answer)
{
	const struct refusal said = refusal_read(dialect, root, arena);
	bool success = response->status >= 200 && response->status < 300;

	answer->verdict = verdict_of_status(response->status);
	if (success && (refusal_is_named(dialect, root, arena) || refusal_is_shown(dialect, root, arena)))
		answer->verdict = SUBMIT_REFUSED;
	enum refusal_kind kind = refusal_judge(dialect, &said, task, response->status);
	if (answer->verdict != SUBMIT_UNKNOWN) {
		if (kind == REFUSAL_ACCOUNT)
			answer->verdict = SUBMIT_NO_ACCOUNT;
		else if (kind == REFUSAL_LATER)
			answer->verdict = SUBMIT_NOT_ACCEPTED;
		answer->no_model = kind == REFUSAL_MODEL && answer->verdict == SUBMIT_REFUSED;
		answer->doubtful = response->status == HTTP_FORBIDDEN && answer->verdict == SUBMIT_REFUSED;
	}
	answer->fault = answer->verdict == SUBMIT_NOT_ACCEPTED || answer->verdict == SUBMIT_UNKNOWN;
	if (answer->verdict == SUBMIT_NOT_ACCEPTED || answer->verdict == SUBMIT_NO_ACCOUNT)
		answer->retry_after_ms = response->retry_after_ms;
	answer->code = said.code;
	/* A 401 often quotes the key, so its message is not passed on; nor is one about the account where the
	 * outcome is not known, as that is a sentence for the user. */
	answer->message = said.message;
	if (response->status == HTTP_UNAUTHORIZED ||
	    (kind == REFUSAL_ACCOUNT && answer->verdict == SUBMIT_UNKNOWN))
		answer->message = NULL;
	if (!answer->message)
		answer->message = arena_printf(
		    arena, "The upstream answered %d%s.", response->status,
		    response->status < 300 && answer->verdict == SUBMIT_UNKNOWN ? " without a task id" : "");
}

void
answer_submit(const struct dialect *dialect, const struct http_response *response, const struct task *task,
              struct arena *arena, struct submit_answer *ret_answer)
{
	struct submit_answer answer = {.verdict = SUBMIT_UNKNOWN};

	if (response->end != HTTP_ANSWERED) {
		if (response->end == HTTP_NOT_SENT)
			answer.verdict = SUBMIT_NOT_ACCEPTED;
		answer.ours = response->ours && answer.verdict == SUBMIT_NOT_ACCEPTED;
		answer.fault = !response->ours && !response->oversize;
		answer.message = arena_strdup(arena, response->why);
		*ret_answer = answer;
		return;
	}
	const struct json *root = parse_body(response, arena);
	answer.status = response->status;
	if (dialect_accepts(&dialect->forms[DIALECT_CREATE].call, response->status) &&
	    !refusal_is_named(dialect, root, arena))
		answer.external_id = find_fact(dialect, FACT_ID, root, arena);
	if (answer.external_id)
		answer.verdict = SUBMIT_ACCEPTED;
	else
		read_refusal(dialect, response, root, task, arena, &answer);
	*ret_answer = answer;
}

/* ---- polls ---- */

/* Reads the body of a poll's answer whose status code is a success. */
static void
read_poll_body(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
               struct poll_answer *answer)
{
	const struct json *root = parse_body(response, arena);

	if (root == NULL) {
		answer->why = "The answer is not a JSON object";
		return;
	}
	answer->word = find_fact(dialect, FACT_STATUS, root, arena);
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
	answer->progress = find_progress(dialect, root);
	answer->video_url = find_fact(dialect, FACT_VIDEO_URL, root, arena);
	answer->image_url = find_fact(dialect, FACT_IMAGE_URL, root, arena);
	answer->size = find_fact(dialect, FACT_SIZE, root, arena);
	answer->seconds = find_seconds(dialect, root);
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

const char *
answer_without_key(const struct channel *channel, const char *text)
{
	bool quotes =
	    text && channel->key[0] && (strstr(text, channel->key) || ends_within(text, channel->key));
	return quotes ? NULL : text;
}

/* ---- lists and cancellations ---- */

/* Returns the value at the first of the places that has one, or NULL. */
static const struct json *
first_at(const struct json *root, const char *const *places)
{
	const struct json *found = NULL;
	for (; places && *places && found == NULL; places++)
		found = json_pointer(root, *places);
	return found;
}

/* Reads one job of the list. False where it lacks what it is recognised by. */
static bool
read_job(const struct dialect *dialect, const struct json *item, struct arena *arena, struct listed_job *job)
{
	double seconds;
	const char *prompt = json_string(first_at(item, dialect->list.prompt));
	if (!json_number(first_at(item, dialect->list.created_at), &seconds) || seconds < 0 ||
	    seconds > (double)(INT64_MAX / 2000))
		return false;
	job->external_id = find_fact(dialect, FACT_ID, item, arena);
	job->prompt = prompt ? arena_strdup(arena, prompt) : NULL;
	job->source_external_id = read_id(arena, first_at(item, dialect->list.source));
	job->created_at = (int64_t)(seconds * 1000);
	return job->external_id && job->prompt;
}

void
answer_list(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
            struct list_answer *ret_answer)
{
	struct list_answer answer = {.why = NULL};
	const struct json *items = NULL;

	if (response->end != HTTP_ANSWERED)
		answer.why = arena_strdup(arena, response->why);
	else if (!dialect_accepts(&dialect->list.call, response->status))
		answer.why = arena_printf(arena, "The upstream answered %d", response->status);
	else
		items = first_at(parse_body(response, arena), dialect->list.items);
	if (json_type(items) == JSON_ARRAY)
		answer.jobs = arena_alloc(arena, (json_size(items) + 1) * sizeof(*answer.jobs));
	if (!answer.jobs && !answer.why)
		answer.why = "The answer holds no list";
	for (const struct json *v = answer.jobs ? json_first(items) : NULL; v; v = json_next(v))
		answer.count += read_job(dialect, v, arena, &answer.jobs[answer.count]);
	*ret_answer = answer;
}

bool
answer_cancel(const struct http_response *response)
{
	return response->end == HTTP_ANSWERED && response->status < 500 &&
	       response->status != HTTP_REQUEST_TIMEOUT && response->status != HTTP_TOO_EARLY &&
	       response->status != HTTP_TOO_MANY;
}
