/* Reads inputs by a table. Every error that names a field is made here. */
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

/* ---- one value from text ---- */

static struct err
read_text(const struct field *field, const char *text, size_t len, void *ret)
{
	ssize_t count = utf8_count(text, len);
	bool line = field->kind == FIELD_LINE;
	struct err err = text_check(ERR_BAD_FIELD, field->name, text, len);
	if (err.code != ERR_OK)
		return err;
	if (utf8_has_control(text, len) || (line && text[strcspn(text, "\t\r\n")] != '\0'))
		return err_say(ERR_BAD_FIELD, field->name, "%s must not contain control characters.",
		               field->name);
	if (count < field->min || count > field->max)
		return err_say(ERR_BAD_FIELD, field->name,
		               "%s must be a text of %" PRId64 " to %" PRId64 " characters.", field->name,
		               field->min, field->max);
	*(const char **)ret = text;
	return good();
}

static struct err
read_word(const struct field *field, const char *text, void *ret)
{
	struct buf words;
	for (size_t i = 0; field->words[i] != NULL; i++) {
		if (strcmp(text, field->words[i]) == 0) {
			*(const char **)ret = field->words[i];
			return good();
		}
	}
	buf_init(&words, 100);
	for (size_t i = 0; field->words[i] != NULL; i++)
		buf_addf(&words, "%s%s", i > 0 ? ", " : "", field->words[i]);
	struct err err =
	    err_say(ERR_BAD_FIELD, field->name, "%s must be one of %s.", field->name, buf_str(&words));
	buf_free(&words);
	return err;
}

static struct err
bad_int(const struct field *field)
{
	return err_say(ERR_BAD_FIELD, field->name,
	               "%s must be a whole number from %" PRId64 " to %" PRId64 ".", field->name, field->min,
	               field->max);
}

static struct err
read_int(const struct field *field, int64_t value, void *ret)
{
	if (value < field->min || value > field->max)
		return bad_int(field);
	*(struct field_int *)ret = (struct field_int){.set = true, .value = value};
	return good();
}

static struct err
read_digits(const struct field *field, const char *text, void *ret)
{
	size_t sign = *text == '-';
	char *end;
	if (text[sign] == '\0' || text[sign + strspn(text + sign, "0123456789")] != '\0')
		return bad_int(field);
	errno = 0;
	long long value = strtoll(text, &end, 10);
	return errno != 0 ? bad_int(field) : read_int(field, value, ret);
}

static struct err
bad_bool(const struct field *field)
{
	return err_say(ERR_BAD_FIELD, field->name, "%s must be true or false.", field->name);
}

static struct err
read_bool_word(const struct field *field, const char *text, void *ret)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		return bad_bool(field);
	*(struct field_bool *)ret = (struct field_bool){.set = true, .value = yes};
	return good();
}

static struct err
read_object(const struct field *field, const struct json *value, size_t bytes, void *ret)
{
	if (json_type(value) != JSON_OBJECT)
		return err_say(ERR_BAD_FIELD, field->name, "%s must be a JSON object.", field->name);
	if (bytes > (size_t)field->max)
		return err_say(ERR_BAD_FIELD, field->name, "%s must be at most %" PRId64 " bytes of JSON.",
		               field->name, field->max);
	*(const struct json **)ret = value;
	return good();
}

/* ---- one value from JSON ---- */

static struct err
read_lines(const struct field *field, const struct json *value, struct arena *arena, void *ret)
{
	size_t count = json_size(value);
	struct field_lines lines = {.count = count};
	struct field each = {.name = field->name, .kind = FIELD_LINE, .min = 1, .max = LIMIT_WORD};
	if (json_type(value) != JSON_ARRAY || count < (size_t)field->min || count > (size_t)field->max)
		return err_say(ERR_BAD_FIELD, field->name,
		               "%s must be an array of %" PRId64 " to %" PRId64 " strings.", field->name,
		               field->min, field->max);
	lines.items = arena_alloc(arena, (count + 1) * sizeof(*lines.items));
	if (lines.items == NULL)
		return err_of(ERR_NO_MEMORY);
	size_t i = 0;
	for (const struct json *item = json_first(value); item != NULL; item = json_next(item)) {
		const char *text = json_string(item);
		if (text == NULL)
			return err_say(ERR_BAD_FIELD, field->name, "%s must be an array of strings.",
			               field->name);
		struct err err = read_text(&each, text, strlen(text), &lines.items[i++]);
		if (err.code != ERR_OK)
			return err;
	}
	*(struct field_lines *)ret = lines;
	return good();
}

static struct err
read_json_value(const struct field *field, const struct json *value, struct arena *arena, void *ret)
{
	const char *text = json_string(value);
	int64_t whole;
	bool yes;
	switch (field->kind) {
	case FIELD_INT:
		if (json_integer(value, &whole))
			return read_int(field, whole, ret);
		return text != NULL ? read_digits(field, text, ret) : bad_int(field);
	case FIELD_BOOL:
		if (!json_bool(value, &yes))
			return bad_bool(field);
		*(struct field_bool *)ret = (struct field_bool){.set = true, .value = yes};
		return good();
	case FIELD_OBJECT: {
		const char *bytes = json_text(arena, value);
		return bytes == NULL ? err_of(ERR_NO_MEMORY) : read_object(field, value, strlen(bytes), ret);
	}
	case FIELD_LINES:
		return read_lines(field, value, arena, ret);
	case FIELD_OWN:
	case FIELD_HARMLESS:
	case FIELD_OTHERS:
		return good();
	case FIELD_TEXT:
	case FIELD_LINE:
	case FIELD_WORD:
		break;
	}
	if (text == NULL)
		return err_say(ERR_BAD_FIELD, field->name, "%s must be a string.", field->name);
	return field->kind == FIELD_WORD ? read_word(field, text, ret)
	                                 : read_text(field, text, strlen(text), ret);
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
		size_t len = strlen(fields[i].name);
		if (strcmp(fields[i].name, name) == 0 ||
		    (form && fields[i].kind == FIELD_OWN && fields[i].max > 0 &&
		     strncmp(fields[i].name, name, len) == 0 && name[len] == '['))
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

struct err
field_read_json(const struct field *fields, size_t count, const struct json *object, struct arena *arena,
                void *ret)
{
	struct err unknown_one = refuse_members(fields, count, object, arena);
	if (unknown_one.code != ERR_OK)
		return unknown_one;
	for (size_t i = 0; i < count; i++) {
		const struct json *value = fields[i].name != NULL ? json_get(object, fields[i].name) : NULL;
		if (value == NULL || json_type(value) == JSON_NULL) {
			if (fields[i].required)
				return missing_field(&fields[i]);
			continue;
		}
		struct err err = read_json_value(&fields[i], value, arena, (char *)ret + fields[i].offset);
		if (err.code != ERR_OK)
			return err;
	}
	return good();
}

/* ---- pairs ---- */

static struct err
read_pair(const struct field *field, const struct field_pair *pair, struct arena *arena, void *ret)
{
	struct err bad = field->kind != FIELD_OWN
	                     ? text_check(ERR_BAD_FIELD, field->name, pair->value, pair->len)
	                     : good();
	if (bad.code != ERR_OK)
		return bad;
	switch (field->kind) {
	case FIELD_INT:
		return read_digits(field, pair->value, ret);
	case FIELD_BOOL:
		return read_bool_word(field, pair->value, ret);
	case FIELD_WORD:
		return read_word(field, pair->value, ret);
	case FIELD_OBJECT: {
		const struct json *value;
		size_t len = pair->len;
		const char *text = text_skip_mark(pair->value, &len);
		enum err_code err = json_parse(arena, text, len, &value);
		if (err == ERR_NO_MEMORY)
			return err_of(err);
		return read_object(field, err == ERR_OK ? value : NULL, pair->len, ret);
	}
	case FIELD_LINES:
		return err_say(ERR_BAD_FIELD, field->name, "%s can only be sent as JSON.", field->name);
	case FIELD_OWN:
	case FIELD_HARMLESS:
	case FIELD_OTHERS:
		return good();
	case FIELD_TEXT:
	case FIELD_LINE:
		break;
	}
	return read_text(field, pair->value, pair->len, ret);
}

/* Finds the pair of the field's name, unless it is empty. A second pair of the name is an error. */
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
	*ret_pair = found != NULL && found->len > 0 ? found : NULL;
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
		if (err.code == ERR_OK && pair != NULL)
			err = read_pair(&fields[i], pair, arena, (char *)ret + fields[i].offset);
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
