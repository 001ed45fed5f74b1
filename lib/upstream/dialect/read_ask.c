/* Reads how a job is asked about and what the answers mean: methods, bodies, codes, signs. */
#include "upstream/dialect/reader.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/fill.h"

enum { INTERVAL_MAX = 3600 /* s */, WORTH_MAX = 1000000000 };

bool
dialect_read_ask_method(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = json_string(value);
	if (!*to || (strcmp(*to, "GET") != 0 && strcmp(*to, "POST") != 0))
		return dialect_fail(r, "must be \"GET\" or \"POST\"");
	return true;
}

bool
dialect_read_ask_body(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	size_t len;
	enum fill_set which;
	if (json_type(value) != JSON_OBJECT)
		return dialect_fail(r, "must be an object");
	*to = json_text(r->dialect->arena, value);
	for (const char *p = *to; p != NULL && (p = fill_find(p, &len, &which)) != NULL; p += len)
		if (which == 0 && p[0] == '{' && (p[1] == '+' || isalpha((unsigned char)p[1])))
			return dialect_fail(
			    r,
			    "has an unknown placeholder at \"%.40s\"; there are {id}, {result_id} and "
			    "{model}",
			    p);
	return *to != NULL || dialect_fail(r, "finds no memory");
}

bool
dialect_read_worth(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	int64_t *to = dialect_slot(r, key), worth;
	if (!json_integer(value, &worth) || worth < 1 || worth > WORTH_MAX)
		return dialect_fail(r, "must be a whole number of millionths of the currency, 1 to %d",
		                    WORTH_MAX);
	*to = worth;
	return true;
}

bool
dialect_read_seconds(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	int64_t *to = dialect_slot(r, key);
	double seconds;
	if (!json_number(value, &seconds) || seconds < 0 || seconds > INTERVAL_MAX)
		return dialect_fail(r, "must be a number of seconds, 0 to %d", INTERVAL_MAX);
	*to = (int64_t)(seconds * 1000);
	return true;
}

bool
dialect_read_verdict_codes(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const short **to = dialect_slot(r, key);
	size_t count = json_size(value), n = 0;
	int64_t code;

	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of status codes, like [202]");
	short *list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));
	for (const struct json *v = list ? json_first(value) : NULL; v; v = json_next(v)) {
		if (!json_integer(v, &code) || code < 200 || code > 499 || code == 401 || code == 402 ||
		    code == 429)
			return dialect_fail(r,
			                    "must hold codes from 200 to 499 only, and not 401, 402 or 429, "
			                    "which mean the key and too many requests");
		list[n++] = (short)code;
	}
	*to = list;
	return list != NULL || dialect_fail(r, "finds no memory");
}

/* ---- signs ---- */

static bool
read_pointer(struct dialect_reader *r, const struct json *value, const char **ret_pointer)
{
	*ret_pointer = dialect_text(r, value, false);
	if (*ret_pointer == NULL)
		return false;
	return dialect_is_pointer(*ret_pointer) ||
	       dialect_fail(r, "holds \"%.60s\", which is no JSON pointer, like \"/data/id\"", *ret_pointer);
}

static bool
read_sign(struct dialect_reader *r, const struct json *value, struct dialect_sign *sign)
{
	if (json_type(value) != JSON_OBJECT)
		return read_pointer(r, value, &sign->at);
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		const char *name = json_name(v);
		bool good;
		if (strcmp(name, "at") == 0)
			good = read_pointer(r, v, &sign->at);
		else if (strcmp(name, "is") == 0)
			good = (sign->is = dialect_values(r, v)) != NULL;
		else if (strcmp(name, "code") == 0)
			good = (sign->code = dialect_text(r, v, false)) != NULL;
		else
			return dialect_fail(r, "has the unknown member \"%.40s\": known are at, is and code",
			                    name);
		if (!good)
			return false;
	}
	return sign->at != NULL || dialect_fail(r, "has an object without \"at\"");
}

bool
dialect_read_signs(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const struct dialect_sign **to = dialect_slot(r, key);
	size_t count = json_size(value), n = 0;

	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of at most %d pointers or objects", DIALECT_LIST_MAX);
	struct dialect_sign *list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));
	for (const struct json *v = list ? json_first(value) : NULL; v; v = json_next(v))
		if (!read_sign(r, v, &list[n++]))
			return false;
	*to = list;
	return list != NULL || dialect_fail(r, "finds no memory");
}

/* ---- what depends on several keys ---- */

/* Refuses a question that does not say which job it is about, in its path or its body, by one of `ids` (of
 * enum fill_set), or that has a body and no method for it. */
static bool
ask_fits(struct dialect_reader *r, const char *name, const struct dialect_ask *ask, unsigned ids)
{
	size_t back = dialect_enter(r, name);
	bool can =
	    ask->method != NULL && (strcmp(ask->method, "POST") == 0 || strcmp(ask->method, "PUT") == 0);
	const char *const paths[] = {ask->call.path, ask->paths.with_image, ask->paths.with_last,
	                             ask->paths.with_references};
	if (ask->body != NULL && !can)
		return dialect_fail(r, "has a body, which needs another method: \"POST\"");
	if (fill_has(ask->body, FILL_RESULT_ID & ~ids))
		return dialect_fail(r, "has {result_id} in its body: that is not known yet");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i] != NULL && !fill_has(ask->body, ids) && !fill_has(paths[i], ids))
			return dialect_fail(r, "must hold {id} in each of its paths, or in its body");
	dialect_leave(r, back);
	return true;
}

/* Refuses a result that cannot be asked for. */
static bool
result_fits(struct dialect_reader *r)
{
	const struct dialect *d = r->dialect;
	const struct dialect_ask *result = &d->result;
	bool by_id = fill_has(result->call.path, FILL_RESULT_ID) || fill_has(result->body, FILL_RESULT_ID);
	bool there = false;
	for (size_t i = 0; i < sizeof(result->call.accepted); i++)
		there = there || result->call.accepted[i];
	if (!there)
		return true;
	if (result->call.path == NULL && result->url == NULL)
		return dialect_fail(r, "result must have a path or a url");
	if (by_id && d->facts[FACT_RESULT_ID] == NULL)
		return dialect_fail(r, "answer.result_id is missing: result needs it");
	return result->call.path == NULL || ask_fits(r, "result", result, FILL_ID | FILL_RESULT_ID);
}

/* True where the profile has a place for the fact. */
static bool
has(const struct dialect *d, enum fact fact)
{
	return d->facts[fact] != NULL && d->facts[fact][0] != NULL;
}

bool
dialect_answer_ok(struct dialect_reader *r)
{
	const struct dialect *d = r->dialect;
	const char *const *const *words = d->words;
	bool status = d->facts[FACT_STATUS] != NULL && d->facts[FACT_STATUS][0] != NULL;

	if (!ask_fits(r, "poll", &d->poll, FILL_ID) ||
	    (d->cancel.call.path && !ask_fits(r, "cancel", &d->cancel, FILL_ID)))
		return false;
	if (!result_fits(r))
		return false;
	snprintf(r->where, sizeof(r->where), "answer.video_url");
	if (!has(d, FACT_VIDEO_URL) && !has(d, FACT_VIDEO_BASE64) && d->content.path == NULL)
		return dialect_fail(r, "is missing, and so are answer.video_base64 and "
		                       "content.path: there would be no way to the video");
	snprintf(r->where, sizeof(r->where), "answer.status");
	for (int i = 0; i < WORDS__MAX; i++)
		if (!status && words[i] != NULL)
			return dialect_fail(r, "is missing: the words need a place to stand");
	snprintf(r->where, sizeof(r->where), "words.completed");
	if (!(words[POLL_COMPLETED] && words[POLL_COMPLETED][0]) && !(d->completed && d->completed->at))
		return dialect_fail(r, "is missing, and so is answer.completed");
	snprintf(r->where, sizeof(r->where), "words.failed");
	if (!(words[POLL_ERROR] && words[POLL_ERROR][0]) && !(d->failed && d->failed->at) &&
	    !(d->poll.failed && d->poll.failed[0]) && !(d->result.failed && d->result.failed[0]))
		return dialect_fail(r, "is missing, and so are answer.failed, poll.failed and "
		                       "result.failed");
	return true;
}
