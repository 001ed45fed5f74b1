/* Placeholders: see fill.h. */
#include "upstream/dialect/fill.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"

enum { FILLED_MAX = 64 * 1024 /* bytes of a filled text */ };

static const struct {
	const char *name;
	enum fill_set which;
} names[] = {{"id", FILL_ID}, {"result_id", FILL_RESULT_ID}, {"model", FILL_MODEL}, {"uuid", FILL_UUID}};

const char *
fill_find(const char *text, size_t *ret_len, enum fill_set *ret_which)
{
	const char *begin = strpbrk(text, "{}");
	if (begin == NULL)
		return NULL;
	const char *name = begin + 1 + (begin[0] == '{' && begin[1] == '+');
	size_t len = strcspn(name, "{}");
	*ret_which = 0;
	*ret_len = 1;
	if (begin[0] != '{' || name[len] != '}')
		return begin;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && memcmp(name, names[i].name, len) == 0) {
			*ret_which = names[i].which;
			*ret_len = (size_t)(name - begin) + len + 1;
		}
	return begin;
}

bool
fill_has(const char *text, unsigned set)
{
	size_t len;
	enum fill_set which = 0;
	while (text != NULL && (text = fill_find(text, &len, &which)) != NULL && (which & set) == 0)
		text += len;
	return text != NULL;
}

static const char *
value_of(const struct fill *fill, enum fill_set which)
{
	const char *value = which == FILL_ID ? fill->id : which == FILL_MODEL ? fill->model : fill->result_id;
	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* True where the value, or with slashes that stay one of the steps between them, is "." or "..": clients and
 * servers take such a step away, and others with it. */
static bool
leads_away(const char *value, bool slashes)
{
	for (;;) {
		size_t len = slashes ? strcspn(value, "/") : strlen(value);
		if ((len == 1 || len == 2) && strncmp(value, "..", len) == 0)
			return true;
		if (value[len] == '\0')
			return false;
		value += len + 1;
	}
}

static void
add_encoded(struct buf *out, const char *value, bool slashes)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (const char *p = value; *p; p++) {
		if (strchr(unreserved, *p) != NULL || (slashes && *p == '/'))
			buf_addc(out, *p);
		else
			buf_addf(out, "%%%02X", (unsigned char)*p);
	}
}

/* Appends the value as the inside of a string of JSON. */
static void
add_escaped(struct buf *out, const char *value, struct arena *arena)
{
	struct buf *string = buf_in_arena(arena, FILLED_MAX);
	struct jsonw w;
	if (string != NULL) {
		jsonw_init(&w, string);
		jsonw_string(&w, NULL, value);
	}
	if (string == NULL || string->failed || string->len < 2)
		out->failed = true;
	else
		buf_add(out, string->data + 1, string->len - 2);
}

/* True where the placeholder is all of a string, from `text` on, and its value an object of JSON: such an id
 * goes back as it came. */
static bool
is_object(const char *text, const char *at, size_t len, const char *value, struct arena *arena)
{
	const struct json *root;
	bool all = at > text && at[-1] == '"' && (at - 1 == text || at[-2] != '\\') && at[len] == '"';
	return all && value[0] == '{' && json_parse(arena, value, strlen(value), &root) == ERR_OK &&
	       json_type(root) == JSON_OBJECT;
}

/* True where the value ends with the steps that stand behind it in the path, up to its end: a model may be
 * named with them or without. */
static bool
has_tail(const char *value, const char *tail)
{
	size_t len = strlen(value), tail_len = strlen(tail);
	return tail[0] == '/' && len > tail_len && strcmp(value + len - tail_len, tail) == 0;
}

/* Appends `text` with its placeholders filled. False where a value cannot be had. */
static bool
add_filled(struct buf *out, const char *text, const struct fill *fill, bool json, struct arena *arena)
{
	size_t len;
	enum fill_set which;
	for (const char *at; (at = fill_find(text, &len, &which)) != NULL; text = at + len) {
		const char *value = which != 0 ? value_of(fill, which) : NULL;
		if (json && value != NULL && is_object(text, at, len, value, arena)) {
			buf_add(out, text, (size_t)(at - text) - 1);
			buf_adds(out, value);
			len++;
			continue;
		}
		buf_add(out, text, (size_t)(at - text));
		if (which != 0 && (value == NULL || (!json && leads_away(value, at[1] == '+'))))
			return false;
		if (which == 0)
			buf_add(out, at, len);
		else if (json)
			add_escaped(out, value, arena);
		else
			add_encoded(out, value, at[1] == '+');
		if (!json && which != 0 && at[1] == '+' && has_tail(value, at + len))
			return true;
	}
	buf_adds(out, text);
	return true;
}

/* Returns how much of `base` stands before `path`: without the steps at its end with which the path begins,
 * as operators write a base with and without its /v1. */
static size_t
base_length(const char *base, const char *path)
{
	const char *host = strstr(base, "://");
	size_t len = strlen(base);
	for (const char *p = host != NULL ? strchr(host + 3, '/') : NULL; p != NULL; p = strchr(p + 1, '/')) {
		size_t tail = len - (size_t)(p - base);
		if (strncmp(path, p, tail) == 0 && path[tail] == '/')
			return (size_t)(p - base);
	}
	return len;
}

static enum err_code
finish(bool good, const struct buf *out, const char **ret_text)
{
	if (!good)
		return ERR_INTERNAL;
	if (out->failed)
		return ERR_NO_MEMORY;
	*ret_text = buf_str(out);
	return ERR_OK;
}

enum err_code
fill_url(const char *base, const char *path, const struct fill *fill, struct arena *arena,
         const char **ret_url)
{
	struct buf *out = buf_in_arena(arena, FILLED_MAX);
	if (out == NULL)
		return ERR_NO_MEMORY;
	buf_add(out, base, base_length(base, path));
	return finish(add_filled(out, path, fill, false, arena), out, ret_url);
}

enum err_code
fill_json(const char *json, const struct fill *fill, struct arena *arena, const char **ret_json)
{
	struct buf *out = buf_in_arena(arena, FILLED_MAX);
	if (out == NULL)
		return ERR_NO_MEMORY;
	return finish(add_filled(out, json, fill, true, arena), out, ret_json);
}

/* Returns a random UUID (RFC 9562, section 5.4). */
static const char *
new_uuid(struct arena *arena)
{
	uint8_t b[16];
	crypto_random(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	return arena_printf(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	                    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	                    b[13], b[14], b[15]);
}

static bool
is_printable(const char *value)
{
	while (*value >= ' ' && *value <= '~')
		value++;
	return *value == '\0';
}

bool
fill_fits(const char *value)
{
	return value != NULL && value[0] != '\0' && is_printable(value) && !leads_away(value, true);
}

enum err_code
fill_header(const char *line, const struct fill *fill, struct arena *arena, const char **ret_line)
{
	struct buf *out = buf_in_arena(arena, FILLED_MAX);
	size_t len;
	enum fill_set which;
	bool good = true;
	if (out == NULL)
		return ERR_NO_MEMORY;
	for (const char *at; good && (at = fill_find(line, &len, &which)) != NULL; line = at + len) {
		const char *value = which == FILL_UUID ? new_uuid(arena) : value_of(fill, which);
		buf_add(out, line, (size_t)(at - line));
		good = value != NULL && is_printable(value);
		if (good)
			buf_adds(out, value);
	}
	buf_adds(out, line);
	return finish(good, out, ret_line);
}
