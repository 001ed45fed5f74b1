/* The facts of answers: see fact.h. */
#include "upstream/dialect/fact.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "upstream/http/message.h"

enum {
	NUMBER_TEXT_MAX = 24, /* bytes of a number written as a string */
	WORTH_SIZE = 40       /* … of one that tells a cost */
};

/* Returns the bytes of the first `max` characters of `s`, which need not be UTF-8. */
static size_t
prefix_of(const char *s, size_t max)
{
	size_t len = strlen(s), i = 0;
	while (i < len && max > 0) {
		i++;
		while (i < len && ((unsigned char)s[i] & 0xc0) == 0x80)
			i++;
		max--;
	}
	return i;
}

/* Hides what signs a link: upstreams quote those to images that they cannot fetch. */
static void
hide_signatures(char *text)
{
	static const char mark[] = "signature=";
	for (char *p = text; (p = strstr(p, mark)) != NULL;)
		for (p += sizeof(mark) - 1; isxdigit((unsigned char)*p); p++)
			*p = '*';
}

const char *
fact_clean(struct arena *arena, const char *s, size_t max)
{
	while (*s && ((unsigned char)*s <= ' ' || *s == 0x7f))
		s++;
	size_t len = prefix_of(s, max);
	while (len > 0 && ((unsigned char)s[len - 1] <= ' ' || s[len - 1] == 0x7f))
		len--;
	char *copy = len > 0 ? arena_strndup(arena, s, len) : NULL;
	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	if (copy != NULL)
		hide_signatures(copy);
	return copy;
}

const char *
fact_text(struct arena *arena, const struct json *value)
{
	int64_t number;
	if (json_integer(value, &number))
		return arena_printf(arena, "%lld", (long long)number);
	return json_string(value);
}

/* Reads an id, which goes into URLs, rows and logs: 1 to LIMIT_UPSTREAM_ID bytes without control characters,
 * and neither "." nor "..". An object is taken as its text. */
const char *
fact_id(struct arena *arena, const struct json *value)
{
	bool whole = json_type(value) == JSON_OBJECT && json_size(value) > 0;
	const char *id = whole ? json_text(arena, value) : fact_text(arena, value);
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

const char *
fact_url(struct arena *arena, const struct json *value)
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

const char *
fact_scalar(struct arena *arena, const struct json *value)
{
	bool truth;
	if (json_bool(value, &truth))
		return truth ? "true" : "false";
	return fact_text(arena, value);
}

static const char *
read_word(struct arena *arena, const struct json *value)
{
	const char *word = fact_scalar(arena, value);
	return word ? fact_clean(arena, word, LIMIT_WORD) : NULL;
}

static const char *
read_model(struct arena *arena, const struct json *value)
{
	const char *name = json_string(value);
	return name != NULL && strlen(name) <= LIMIT_WORD ? fact_clean(arena, name, LIMIT_WORD) : NULL;
}

/* A size in pixels, "1280x720" or "1280*720"; in another place a word of the provider's. */
static const char *
read_size(struct arena *arena, const struct json *value)
{
	enum { DIGITS = 5 };
	const char *text = json_string(value);
	size_t wide = text != NULL ? strspn(text, "0123456789") : 0;
	if (wide == 0 || wide > DIGITS || text[0] == '0' || text[wide] == '\0' ||
	    strchr("xX*", text[wide]) == NULL)
		return NULL;
	const char *height = text + wide + 1;
	size_t high = strspn(height, "0123456789");
	if (high == 0 || high > DIGITS || height[0] == '0' || height[high] != '\0')
		return NULL;
	return arena_printf(arena, "%.*sx%s", (int)wide, text, height);
}

/* Returns a fact from the first of its places that holds a usable value, or NULL. */
const char *
fact_find(const struct dialect *dialect, enum fact fact, const struct json *root, struct arena *arena)
{
	static const char *(*const readers[])(struct arena *, const struct json *) = {
	    [FACT_ID] = fact_id,         [FACT_RESULT_ID] = fact_id,  [FACT_STATUS] = read_word,
	    [FACT_VIDEO_URL] = fact_url, [FACT_IMAGE_URL] = fact_url, [FACT_MODEL] = read_model,
	    [FACT_SIZE] = read_size,
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

int
fact_progress(const struct dialect *dialect, const struct json *root)
{
	int progress = -1;
	for (const char *const *p = dialect->facts[FACT_PROGRESS]; p && *p && progress < 0; p++)
		progress = read_progress(json_pointer(root, *p));
	return progress;
}

/* Reads a number, also one that is written as a string, which may end with `unit` ('\0' = none). False, and
 * nothing written, where it is none. */
static bool
read_number(const struct json *value, char unit, double *ret_number)
{
	const char *text = json_string(value);
	size_t digits = text != NULL ? strspn(text, "0123456789.") : 0;
	char *end;
	if (text == NULL)
		return json_number(value, ret_number);
	if (digits == 0 || digits > NUMBER_TEXT_MAX)
		return false;
	double number = strtod(text, &end);
	if (end != text + digits || (*end != '\0' && (*end != unit || end[1] != '\0')))
		return false;
	*ret_number = number;
	return true;
}

/* Finds the length of the video in whole seconds, from 8, 8.04, "8" or "8s"; 0 where it is not said. */
static int64_t
find_seconds(const struct dialect *dialect, const struct json *root)
{
	for (const char *const *p = dialect->facts[FACT_SECONDS]; p && *p; p++) {
		double seconds = 0;
		if (read_number(json_pointer(root, *p), 's', &seconds) && seconds >= 0.5 &&
		    seconds <= LIMIT_SECONDS)
			return (int64_t)(seconds + 0.5);
	}
	return 0;
}

int64_t
fact_time(const struct json *value)
{
	const double ms_from = 1e11, most = 253402300799; /* s: the year 5138, and the end of 9999 */
	const char *text = json_string(value);
	double number;
	int64_t time;
	if (text != NULL && clock_read_text(text, &time))
		return time > 0 ? time : 0;
	if (!read_number(value, '\0', &number))
		return 0;
	if (number >= ms_from)
		number /= 1000;
	return number > 0 && number <= most ? (int64_t)(number * 1000) : 0;
}

struct job_facts
fact_job(const struct dialect *dialect, const struct json *root, struct arena *arena)
{
	struct job_facts facts = {
	    .model = fact_find(dialect, FACT_MODEL, root, arena),
	    .size = fact_find(dialect, FACT_SIZE, root, arena),
	    .seconds = find_seconds(dialect, root),
	};
	const char *const *p = dialect->facts[FACT_EXPIRES_AT];
	for (; p && *p && facts.expires_at == 0; p++)
		facts.expires_at = fact_time(json_pointer(root, *p));
	return facts;
}

/* The body without a byte order mark before it: RFC 8259 forbids one, and some servers write it all the same.
 */
static const char *
body_of(const struct http_response *response, size_t *ret_len)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t size = sizeof(mark) - 1;
	bool marked = response->body_len >= size && memcmp(response->body, mark, size) == 0;
	*ret_len = response->body_len - (marked ? size : 0);
	return response->body + (marked ? size : 0);
}

/* Parses what an upstream says. A sentence of it may be cut within a character, or hold a NUL: a job must not
 * be lost for that. */
static enum err_code
parse(struct arena *arena, const char *body, size_t len, const struct json **ret_root)
{
	enum err_code err = json_parse_bigint(arena, body, len, ret_root);
	char *copy = err == ERR_BAD_JSON ? arena_alloc(arena, len + 1) : NULL;
	if (copy == NULL)
		return err;
	memcpy(copy, body, len);
	return json_mend(copy, len) ? json_parse_bigint(arena, copy, len, ret_root) : err;
}

const struct json *
fact_root(const struct http_response *response, struct arena *arena)
{
	size_t len;
	const char *body = body_of(response, &len);
	const struct json *root;
	if (parse(arena, body, len, &root) != ERR_OK)
		return NULL;
	if (json_type(root) == JSON_ARRAY && json_size(root) == 1)
		root = json_first(root);
	return json_type(root) == JSON_OBJECT ? root : NULL;
}

const char *
fact_sentence(const struct http_response *response, struct arena *arena)
{
	size_t len;
	const char *body = body_of(response, &len);
	const struct json *root;
	if (parse(arena, body, len, &root) == ERR_OK)
		return json_string(root);
	while (len > 0 && isspace((unsigned char)*body))
		body++, len--;
	bool text = len > 0 && strchr("<{[\"", *body) == NULL && utf8_count(body, len) > 0;
	return text ? arena_strndup(arena, body, len) : NULL;
}

const struct json *
fact_at(const struct json *root, const char *const *places)
{
	const struct json *found = NULL;
	for (; places && *places && found == NULL; places++)
		found = json_pointer(root, *places);
	return found;
}

/* True where the value is more than nothing. */
static bool
is_something(const struct json *value)
{
	double number;
	bool truth;
	if (json_bool(value, &truth))
		return truth;
	if (json_number(value, &number))
		return number < 0 || number > 0;
	if (json_type(value) == JSON_ARRAY || json_type(value) == JSON_OBJECT)
		return json_size(value) > 0;
	return json_string(value) != NULL && json_string(value)[0] != '\0';
}

static bool
is_among(const char *const *list, const char *word)
{
	while (*list != NULL && strcasecmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

const struct dialect_sign *
fact_sign(const struct dialect_sign *signs, const struct json *root, struct arena *arena)
{
	for (; signs != NULL && signs->at != NULL; signs++) {
		const struct json *value = json_pointer(root, signs->at);
		const char *word = signs->is != NULL ? fact_scalar(arena, value) : NULL;
		if (signs->is == NULL ? is_something(value) : word != NULL && is_among(signs->is, word))
			return signs;
	}
	return NULL;
}

const char *
fact_cost(const struct dialect *dialect, const struct json *root, struct arena *arena)
{
	const char *cost = NULL;
	for (const char *const *p = dialect->facts[FACT_COST]; p && *p && cost == NULL; p++) {
		const struct json *value = json_pointer(root, *p);
		const char *text = json_string(value);
		if (json_type(value) == JSON_NUMBER || (text && text[0] && strlen(text) <= LIMIT_WORD))
			cost = json_text(arena, value);
	}
	return cost;
}

int64_t
fact_worth(const struct dialect *dialect, const char *cost)
{
	char text[WORTH_SIZE];
	int64_t micro;
	if (cost == NULL || dialect->cost_unit == 0)
		return 0;
	bool quoted = cost[0] == '"';
	size_t len = strlen(cost) - (quoted ? 2 : 0);
	if (len >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)len, cost + quoted);
	return amount_units(text, dialect->cost_unit, &micro) ? micro + 1 : 0;
}
