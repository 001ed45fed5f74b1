/* Reads one value as its row says, and puts it where it belongs. */
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

struct err
field_value_json(const struct field *field, const struct json *value, struct arena *arena,
                 union field_slot *ret)
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

struct err
field_value_pair(const struct field *field, const struct field_pair *pair, struct arena *arena,
                 union field_slot *ret)
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

/* ---- where it goes ---- */

/* Puts the value at `at`. True where another value was there. */
static bool
replace(const struct field *field, const union field_slot *value, void *at)
{
	struct field_int *number = at;
	struct field_bool *flag = at;
	struct field_lines *lines = at;
	const char **text = at;
	const struct json **object = at;
	bool other = false;
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_LINE:
	case FIELD_WORD:
		other = *text != NULL && strcmp(*text, value->text) != 0;
		*text = value->text;
		break;
	case FIELD_INT:
		other = number->set && number->value != value->number.value;
		*number = value->number;
		break;
	case FIELD_BOOL:
		other = flag->set && flag->value != value->flag.value;
		*flag = value->flag;
		break;
	case FIELD_OBJECT:
		other = *object != NULL;
		*object = value->object;
		break;
	case FIELD_LINES:
		other = lines->items != NULL;
		*lines = value->lines;
		break;
	case FIELD_OWN:
	case FIELD_HARMLESS:
	case FIELD_OTHERS:
		break;
	}
	return other;
}

struct err
field_value_put(const struct field *fields, size_t i, const union field_slot *value, void *ret)
{
	size_t other = 0;
	if (!replace(&fields[i], value, (char *)ret + fields[i].offset))
		return good();
	while (fields[other].offset != fields[i].offset || fields[other].kind != fields[i].kind)
		other++;
	return err_in_chinese(
	    err_say(ERR_BAD_FIELD, fields[i].name, "%s and %s differ.", fields[i].name, fields[other].name),
	    "同一参数以不同名称给出了不同的值。");
}
