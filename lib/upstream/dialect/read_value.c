/* Reads the values of a profile. Each failure is one sentence that names the file, the key and what is wrong.
 */
#include "upstream/dialect/reader.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "upstream/dialect/line.h"
#include "upstream/dialect/fact.h"

enum { WHAT_SIZE = 400 /* bytes of what is said of a key */ };

void
dialect_clean(struct dialect_reader *r)
{
	uint32_t c;
	for (char *p = r->why; *p != '\0';) {
		size_t len = utf8_read(p, strlen(p), &c);
		if (len == 0 || c < ' ' || (c >= 0x7f && c < 0xa0)) {
			*p++ = '?';
			for (; len > 1; len--)
				*p++ = '?';
		} else {
			p += len;
		}
	}
}

bool
dialect_fail(struct dialect_reader *r, const char *format, ...)
{
	char what[WHAT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	size_t line = r->text ? line_of_key(r->text, r->text_len, r->where) : 0;
	if (line > 0)
		snprintf(r->why, r->why_size, "%s:%zu: %s%s%s", r->label, line, r->where,
		         r->where[0] ? " " : "", what);
	else
		snprintf(r->why, r->why_size, "%s: %s", r->label, what);
	dialect_clean(r);
	return false;
}

void *
dialect_slot(struct dialect_reader *r, const struct dialect_key *key)
{
	return (char *)r->dialect + key->at;
}

const char *
dialect_text(struct dialect_reader *r, const struct json *value, bool may_be_empty)
{
	const char *s = json_string(value);
	if (s == NULL) {
		dialect_fail(r, "must be a string");
		return NULL;
	}
	size_t len = strlen(s);
	if ((len == 0 && !may_be_empty) || len > DIALECT_TEXT_MAX) {
		dialect_fail(r, "must have 1 to %d characters", DIALECT_TEXT_MAX);
		return NULL;
	}
	for (size_t i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~') {
			dialect_fail(r, "must be printable ASCII");
			return NULL;
		}
	return s;
}

/* ---- readers of values ---- */

bool
dialect_read_prefix(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = dialect_text(r, value, true);
	if (*to && (*to)[0] && isalnum((unsigned char)(*to)[strlen(*to) - 1]))
		return dialect_fail(r, "must end with a blank: \"%s \"", *to);
	return *to != NULL;
}

/* True for a token, as a header's name is one (RFC 9110, section 5.6.2). */
static bool
is_header(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	                              "!#$%&'*+-.^_`|~";
	return name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

/* True for a header that depends on the call. */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = {"Content-Type", "Content-Length", "Host",   "Transfer-Encoding",
	                                   "Connection",   "Expect",         "Accept", "User-Agent"};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(name, ours[i]) == 0)
			return true;
	return false;
}

bool
dialect_read_header(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = dialect_text(r, value, false);
	if (*to && !is_header(*to))
		return dialect_fail(r, "must be the name of a header, like \"X-Api-Key\"");
	if (*to && is_ours(*to))
		return dialect_fail(r, "is a header that longreel writes itself");
	return *to != NULL;
}

bool
dialect_read_body(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	enum dialect_body *body = dialect_slot(r, key);
	const char *s = json_string(value);
	if (s == NULL || (strcmp(s, "multipart") != 0 && strcmp(s, "json") != 0))
		return dialect_fail(r, "must be \"multipart\" or \"json\"");
	*body = strcmp(s, "json") == 0 ? BODY_JSON : BODY_MULTIPART;
	return true;
}

bool
dialect_read_method(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = json_string(value);
	if (!*to || (strcmp(*to, "DELETE") != 0 && strcmp(*to, "POST") != 0 && strcmp(*to, "PUT") != 0))
		return dialect_fail(r, "must be \"DELETE\", \"POST\" or \"PUT\"");
	return true;
}

bool
dialect_read_codes(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	bool *accepted = dialect_slot(r, key);
	int64_t code;

	if (json_type(value) != JSON_ARRAY || json_size(value) == 0)
		return dialect_fail(r, "must be a list of status codes, like [200]");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		if (!json_integer(v, &code) || code < 200 || code > 299)
			return dialect_fail(r, "must hold codes from 200 to 299 only, as numbers");
		accepted[code - 200] = true;
	}
	return true;
}

/* Reads the strings of a list, into the arena. NULL with the failure written. */
static const char **
read_strings(struct dialect_reader *r, const struct json *value)
{
	size_t count = json_size(value), i = 0;

	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX) {
		dialect_fail(r, "must be a list of at most %d strings, like [\"/data/id\"]",
		             DIALECT_LIST_MAX);
		return NULL;
	}
	const char **list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));
	if (!list) {
		dialect_fail(r, "finds no memory");
		return NULL;
	}
	for (const struct json *v = json_first(value); v; v = json_next(v))
		if (!(list[i++] = dialect_text(r, v, false)))
			return NULL;
	return list;
}

bool
dialect_is_pointer(const char *s)
{
	if (s[0] != '/')
		return false;
	while ((s = strchr(s, '~')))
		if (*++s != '0' && *s != '1')
			return false;
	return true;
}

bool
dialect_read_pointers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char *const **to = dialect_slot(r, key);
	const char **list = read_strings(r, value);

	if (!list)
		return false;
	if (key->required && !list[0])
		return dialect_fail(r, "must name at least one place");
	for (size_t i = 0; list[i]; i++)
		if (!dialect_is_pointer(list[i]))
			return dialect_fail(r, "holds \"%.60s\", which is no JSON pointer, like \"/data/id\"",
			                    list[i]);
	*to = list;
	return true;
}

const char *const *
dialect_values(struct dialect_reader *r, const struct json *value)
{
	size_t count = json_size(value), i = 0;

	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX) {
		dialect_fail(r,
		             "must be a list of at most %d strings, numbers or booleans, like [\"done\", 1]",
		             DIALECT_LIST_MAX);
		return NULL;
	}
	const char **list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));
	for (const struct json *v = list ? json_first(value) : NULL; v; v = json_next(v)) {
		const char *s = fact_scalar(r->dialect->arena, v);
		if (s == NULL || !s[0] || strlen(s) > DIALECT_TEXT_MAX) {
			dialect_fail(r,
			             "must hold strings of 1 to %d bytes, whole numbers, and true or false",
			             DIALECT_TEXT_MAX);
			return NULL;
		}
		list[i++] = s;
	}
	if (list && !arena_failed(r->dialect->arena))
		return list;
	dialect_fail(r, "finds no memory");
	return NULL;
}

bool
dialect_read_values(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char *const **to = dialect_slot(r, key);
	*to = dialect_values(r, value);
	return *to != NULL;
}

bool
dialect_read_words(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char *const **to = dialect_slot(r, key);
	const char *const *list = dialect_values(r, value);

	if (!list)
		return false;
	for (size_t i = 0; list[i]; i++) {
		bool doubled = dialect_status(r->dialect, list[i]) != POLL_UNKNOWN_WORD;
		for (size_t j = 0; j < i && !doubled; j++)
			doubled = strcasecmp(list[i], list[j]) == 0;
		if (doubled)
			return dialect_fail(r, "holds \"%s\", which stands for something already", list[i]);
		if (strpbrk(list[i], " \t"))
			return dialect_fail(r, "holds \"%s\", which is no one word: it has a blank", list[i]);
	}
	*to = list;
	return true;
}

bool
dialect_read_names(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char *const **to = dialect_slot(r, key);
	const char *const *list = dialect_values(r, value);
	if (list != NULL)
		*to = list;
	return list != NULL;
}

static const struct dialect_key *
find_key(const struct dialect_key *keys, const char *name)
{
	while (keys->name && strcmp(keys->name, name) != 0)
		keys++;
	return keys->name ? keys : NULL;
}

/* Refuses a key that is in no row, and names those that are. Always returns false. */
static bool
unknown_key(struct dialect_reader *r, const struct dialect_key *keys)
{
	char known[WHAT_SIZE] = "";
	for (; keys->name; keys++) {
		size_t len = strlen(known);
		snprintf(known + len, sizeof(known) - len, "%s%s", len > 0 ? ", " : "", keys->name);
	}
	return dialect_fail(r, "is an unknown key; there are %s", known);
}

size_t
dialect_enter(struct dialect_reader *r, const char *name)
{
	size_t end = strlen(r->where);
	snprintf(r->where + end, sizeof(r->where) - end, "%s%.40s", end ? "." : "", name);
	return end;
}

void
dialect_leave(struct dialect_reader *r, size_t back)
{
	r->where[back] = '\0';
}

/* Reads headers, whose values may hold {uuid} and, where `model` is set, {model}. */
static bool
read_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key, bool model)
{
	const char *const **to = dialect_slot(r, key);
	size_t count = json_size(value), n = 0;

	if (json_type(value) != JSON_OBJECT || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be an object of at most %d headers", DIALECT_LIST_MAX);
	const char **lines = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*lines));
	for (const struct json *v = lines ? json_first(value) : NULL; v; v = json_next(v)) {
		size_t back = dialect_enter(r, json_name(v));
		const char *text = dialect_text(r, v, false);
		if (text == NULL)
			return false;
		if (!is_header(json_name(v)) || strlen(json_name(v)) > DIALECT_TEXT_MAX)
			return dialect_fail(r, "is no name of a header, like \"X-Version\"");
		if (is_ours(json_name(v)) || strcasecmp(json_name(v), "Authorization") == 0)
			return dialect_fail(r, "is a header that longreel writes itself; a key is for auth");
		if (!dialect_header_fits(text, model))
			return dialect_fail(r, "has an unknown placeholder; there %s",
			                    model ? "are {model} and {uuid}" : "is {uuid}");
		lines[n++] = arena_printf(r->dialect->arena, "%s: %s", json_name(v), text);
		dialect_leave(r, back);
	}
	if (!lines || arena_failed(r->dialect->arena))
		return dialect_fail(r, "finds no memory");
	*to = lines;
	return true;
}

bool
dialect_read_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_headers(r, value, key, false);
}

bool
dialect_read_job_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_headers(r, value, key, true);
}

bool
dialect_read_members(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	size_t back;

	if (json_type(value) != JSON_OBJECT)
		return dialect_fail(r, "must be an object");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		const struct dialect_key *row = find_key(key->keys, json_name(v));
		back = dialect_enter(r, json_name(v));
		if (row == NULL)
			return unknown_key(r, key->keys);
		if (!row->read(r, v, row))
			return false;
		dialect_leave(r, back);
	}
	for (const struct dialect_key *row = key->keys; row->name; row++) {
		if (!row->required || json_get(value, row->name))
			continue;
		dialect_enter(r, row->name);
		return dialect_fail(r, "is missing");
	}
	return true;
}
