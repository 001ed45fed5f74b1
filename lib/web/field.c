/* Reads inputs by a table: finds what belongs to each row, and refuses what belongs to none. */
#include "web/field.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "web/harmless.h"
#include "web/request.h"
#include "web/text.h"

static struct err
good(void)
{
	return err_of(ERR_OK);
}

static struct err
missing_field(const struct field *field)
{
	return err_say(ERR_BAD_FIELD, field->name, "%s is required.", field->name);
}

/* ---- names ---- */

/* True where the table names it, in a form also as "NAME[…]"; or, with a `value`, where that is harmless. */
static bool
is_known(const struct field *fields, size_t count, bool form, const char *name, const char *value)
{
	for (size_t i = 0; i < count; i++) {
		if (fields[i].kind == FIELD_OTHERS ||
		    (fields[i].kind == FIELD_HARMLESS && value != NULL && harmless_member(name, value)))
			return true;
		if (fields[i].name == NULL)
			continue;
		if (strcmp(fields[i].name, name) == 0)
			return true;
		if (!form || fields[i].kind != FIELD_OWN || fields[i].max == 0)
			continue;
		size_t len = strlen(fields[i].name);
		if (strncmp(fields[i].name, name, len) == 0 && name[len] == '[')
			return true;
	}
	return false;
}

/* Refuses a name, which comes from a client and may be of any length. */
static struct err
unknown_name(const char *what, const char *name, struct arena *arena)
{
	size_t len = strlen(name);
	const char *field = utf8_count(name, len) >= 0 && !utf8_has_control(name, len)
	                        ? arena_strndup(arena, name, utf8_cut(name, LIMIT_WORD))
	                        : NULL;
	return err_in_chinese(err_say(ERR_BAD_FIELD, field, "%.64s is no %s of this call.",
	                              field != NULL ? field : "A name that is no text", what),
	                      "此接口不认识该参数。");
}

/* Returns the value of a member as a form would have it. */
static const char *
plain_text(const struct json *value, struct arena *arena)
{
	const char *text = json_string(value);
	return text != NULL ? text : json_text(arena, value);
}

static struct err
refuse_members(const struct field *fields, size_t count, const struct json *object, struct arena *arena)
{
	for (const struct json *member = json_first(object); member != NULL; member = json_next(member)) {
		const char *name = json_name(member);
		if (is_known(fields, count, false, name, NULL) || json_type(member) == JSON_NULL)
			continue;
		const char *text = plain_text(member, arena);
		if (text == NULL)
			return err_of(ERR_NO_MEMORY);
		if (text[0] != '\0' && strcmp(text, "[]") != 0 && !is_known(fields, count, false, name, text))
			return unknown_name("field", name, arena);
	}
	return good();
}

static struct err
refuse_pairs(const struct field *fields, size_t count, const struct field_pair *pairs, size_t pair_count,
             struct arena *arena)
{
	for (size_t i = 0; i < pair_count; i++)
		if (pairs[i].len > 0 && !is_known(fields, count, true, pairs[i].name, pairs[i].value))
			return unknown_name("field", pairs[i].name, arena);
	return good();
}

/* True for a value that asks for nothing: null, and in a creation "" and [], too. */
static bool
is_no_wish(const struct json *value, bool creation)
{
	const char *text = json_string(value);
	return value == NULL || json_type(value) == JSON_NULL ||
	       (creation && ((text != NULL && *text == '\0') ||
	                     (json_type(value) == JSON_ARRAY && json_size(value) == 0)));
}

struct err
field_read_json(const struct field *fields, size_t count, const struct json *object, struct arena *arena,
                void *ret)
{
	bool creation = false;
	for (size_t i = 0; i < count; i++)
		creation = creation || fields[i].kind == FIELD_HARMLESS;
	struct err unknown_one = refuse_members(fields, count, object, arena);
	if (unknown_one.code != ERR_OK)
		return unknown_one;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].kind == FIELD_OWN)
			continue;
		const struct json *value = fields[i].name != NULL ? json_get(object, fields[i].name) : NULL;
		if (is_no_wish(value, creation && !fields[i].never_empty)) {
			if (fields[i].required)
				return missing_field(&fields[i]);
			continue;
		}
		union field_slot slot = {0};
		struct err err = field_value_json(&fields[i], value, arena, &slot);
		if (err.code == ERR_OK)
			err = field_value_put(fields, i, &slot, ret);
		if (err.code != ERR_OK)
			return err;
	}
	return good();
}

/* ---- pairs ---- */

/* Finds the pair of the field's name, unless it is empty and may be. A second pair of the name is an error.
 */
static struct err
find_pair(const struct field *field, const struct field_pair *pairs, size_t count,
          const struct field_pair **ret_pair)
{
	const struct field_pair *found = NULL;
	for (size_t i = 0; i < count; i++) {
		if (field->name == NULL || strcmp(pairs[i].name, field->name) != 0)
			continue;
		if (found != NULL)
			return err_say(ERR_BAD_FIELD, field->name, "%s is given twice.", field->name);
		found = &pairs[i];
	}
	*ret_pair = found != NULL && (found->len > 0 || field->never_empty) ? found : NULL;
	return good();
}

static struct err
read_pairs(const struct field *fields, size_t count, const struct field_pair *pairs, size_t pair_count,
           struct arena *arena, void *ret)
{
	for (size_t i = 0; i < count; i++) {
		const struct field_pair *pair = NULL;
		struct err err = find_pair(&fields[i], pairs, pair_count, &pair);
		if (err.code == ERR_OK && pair == NULL && fields[i].required)
			err = missing_field(&fields[i]);
		union field_slot slot = {0};
		if (err.code == ERR_OK && pair != NULL)
			err = field_value_pair(&fields[i], pair, arena, &slot);
		if (err.code == ERR_OK && pair != NULL)
			err = field_value_put(fields, i, &slot, ret);
		if (err.code != ERR_OK)
			return err;
	}
	return good();
}

struct err
field_read_pairs(const struct field *fields, size_t count, const struct field_pair *pairs, size_t pair_count,
                 struct arena *arena, void *ret)
{
	struct err err = refuse_pairs(fields, count, pairs, pair_count, arena);
	return err.code == ERR_OK ? read_pairs(fields, count, pairs, pair_count, arena, ret) : err;
}

/* ---- the query ---- */

/* Decodes application/x-www-form-urlencoded text in place. The new length, or -1 for a broken escape. */
static ssize_t
decode_urlencoded(char *text, size_t len)
{
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '+' ? ' ' : text[i];
		if (c == '%') {
			int byte = text_escaped_byte(text + i, len - i);
			if (byte < 0)
				return -1;
			c = (char)byte;
			i += 2;
		}
		text[used++] = c;
	}
	text[used] = '\0';
	return (ssize_t)used;
}

struct err
field_read_query(const struct field *fields, size_t count, struct request *request, void *ret)
{
	struct field_pair pairs[LIMIT_QUERY_PAIRS];
	size_t pair_count = 0;
	if (strlen(request->query) > LIMIT_QUERY)
		return err_of(ERR_URI_TOO_LONG);
	char *at = arena_strdup(request->arena, request->query);
	if (at == NULL)
		return err_of(ERR_NO_MEMORY);
	while (*at != '\0') {
		char *end = at + strcspn(at, "&");
		char *next = *end == '&' ? end + 1 : end;
		char *equals = memchr(at, '=', (size_t)(end - at));
		char *value = equals != NULL ? equals + 1 : end;
		char *name_end = equals != NULL ? equals : end;
		*end = '\0';
		if (pair_count == LIMIT_QUERY_PAIRS)
			return err_say(ERR_BAD_REQUEST, NULL, "The query has too many fields.");
		ssize_t len = decode_urlencoded(value, (size_t)(end - value));
		*name_end = '\0';
		ssize_t name_len = decode_urlencoded(at, (size_t)(name_end - at));
		/* A name is compared as a string, and a NUL would end it before its end. */
		if (len < 0 || name_len < 0 || memchr(at, '\0', (size_t)name_len) != NULL)
			return err_say(ERR_BAD_REQUEST, NULL, "The query has a broken percent escape.");
		pairs[pair_count++] = (struct field_pair){.name = at, .value = value, .len = (size_t)len};
		at = next;
	}
	for (size_t i = 0; i < pair_count; i++)
		if (!is_known(fields, count, false, pairs[i].name, NULL) &&
		    !harmless_parameter(pairs[i].name))
			return unknown_name("parameter", pairs[i].name, request->arena);
	return read_pairs(fields, count, pairs, pair_count, request->arena, ret);
}

/* ---- the JSON body ---- */

struct err
field_read_body(struct request *request, const struct json **ret_object)
{
	return field_read_large_body(request, LIMIT_JSON_BODY, ret_object);
}

struct err
field_read_large_body(struct request *request, size_t most, const struct json **ret_object)
{
	struct buf *body;
	if (!request_is_type(request, "application/json"))
		return err_say(ERR_BAD_CONTENT_TYPE, NULL, "The body must be application/json.");
	struct err bad = request_body(request, most, &body);
	if (bad.code != ERR_OK)
		return bad;
	size_t len = body->len;
	const char *text = text_skip_mark(buf_str(body), &len);
	if (text_is_gzip(text, len))
		return err_of(ERR_BAD_CONTENT_ENCODING);
	bad = text_check(ERR_BAD_JSON, NULL, text, len);
	if (bad.code != ERR_OK)
		return bad;
	const struct json *root;
	enum err_code err = json_parse(request->arena, text, len, &root);
	if (err != ERR_OK)
		return err_of(err);
	if (json_type(root) != JSON_OBJECT)
		return err_say(ERR_BAD_JSON, NULL, "The body must be a JSON object.");
	*ret_object = root;
	return good();
}

struct err
field_read_json_body(const struct field *fields, size_t count, struct request *request, size_t most,
                     void *ret)
{
	const struct json *object;
	struct err err = field_read_large_body(request, most, &object);
	return err.code == ERR_OK ? field_read_json(fields, count, object, request->arena, ret) : err;
}

struct err
field_refuse_body(struct request *request)
{
	if (request_is_type(request, "multipart/form-data"))
		return err_in_chinese(err_say(ERR_BAD_CONTENT_TYPE, NULL, "This call takes no form."),
		                      "此接口不接受表单。");
	if (!request_is_type(request, "application/json"))
		return good();
	return field_read_json_body(NULL, 0, request, LIMIT_JSON_BODY, NULL);
}
