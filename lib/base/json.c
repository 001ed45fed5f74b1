/* Reads JSON: our own scan decides what is JSON, cJSON builds the tree. A struct json is a cJSON node under
 * another name, so that cJSON.h is included here alone. Names are always compared with their case, as cJSON's
 * shorter functions do not. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_scan.h"
#include "base/limits.h"

static const cJSON *
node(const struct json *value)
{
	return (const cJSON *)value;
}

static const struct json *
value_of(const cJSON *item)
{
	return (const struct json *)item;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns ERR_BAD_JSON where a name occurs twice in `object`. Sorts, because a client chooses how many
 * members there are. */
static enum err_code
check_names(const cJSON *object)
{
	enum err_code code = ERR_OK;
	size_t count = 0, i = 0;
	const cJSON *member;

	cJSON_ArrayForEach(member, object) count++;
	if (count < 2)
		return ERR_OK;
	const char **names = calloc(count, sizeof(*names));
	if (!names)
		return ERR_NO_MEMORY;
	cJSON_ArrayForEach(member, object) names[i++] = member->string;
	qsort(names, count, sizeof(*names), compare_names);
	for (i = 1; i < count && code == ERR_OK; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			code = ERR_BAD_JSON;
	}
	free(names);
	return code;
}

/* Checks what needs the tree, where names are unescaped and numbers are numbers. */
static enum err_code
check_tree(const cJSON *item)
{
	enum err_code code = ERR_OK;
	const cJSON *child;

	if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
		return ERR_BAD_JSON;
	if (cJSON_IsObject(item))
		code = check_names(item);
	for (child = item->child; child && code == ERR_OK; child = child->next)
		code = check_tree(child);
	return code;
}

static void
free_tree(void *cookie)
{
	cJSON_Delete(cookie);
}

enum err_code
json_parse(struct arena *arena, const char *bytes, size_t len, const struct json **ret_root)
{
	if (!json_scan(bytes, len))
		return ERR_BAD_JSON;
	cJSON *root = cJSON_ParseWithLengthOpts(bytes, len, NULL, false);
	if (!root)
		return ERR_NO_MEMORY; /* the only reason left: the text is good */
	enum err_code code = check_tree(root);
	if (code != ERR_OK) {
		cJSON_Delete(root);
		return code;
	}
	if (!arena_defer(arena, free_tree, root))
		return ERR_NO_MEMORY;
	*ret_root = value_of(root);
	return ERR_OK;
}

size_t
json_fault(const char *bytes, size_t len)
{
	size_t at;

	if (json_scan_text(bytes, len, &at))
		return len;
	return at < len || len == 0 ? at : len - 1;
}

enum json_type
json_type(const struct json *value)
{
	const cJSON *item = node(value);

	if (cJSON_IsObject(item))
		return JSON_OBJECT;
	if (cJSON_IsArray(item))
		return JSON_ARRAY;
	if (cJSON_IsString(item))
		return JSON_STRING;
	if (cJSON_IsNumber(item))
		return JSON_NUMBER;
	return cJSON_IsBool(item) ? JSON_BOOL : JSON_NULL;
}

const struct json *
json_get(const struct json *object, const char *name)
{
	/* cJSON would look for named members in an array too. */
	if (!cJSON_IsObject(node(object)))
		return NULL;
	return value_of(cJSON_GetObjectItemCaseSensitive(node(object), name));
}

/* True where the token of `len` bytes, in which ~0 stands for ~ and ~1 for /, is `name`. */
static bool
token_is(const char *token, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++, name++) {
		char c = token[i];

		if (c == '~' && (++i == len || (token[i] != '0' && token[i] != '1')))
			return false;
		if (c == '~')
			c = token[i] == '0' ? '~' : '/';
		if (*name != c)
			return false;
	}
	return *name == '\0';
}

/* Returns the element whose index is the token of `len` bytes: digits without a leading zero. */
static const struct json *
element(const struct json *array, const char *token, size_t len)
{
	const struct json *item = json_first(array);
	size_t index = 0;

	if (len == 0 || len > 7 || strspn(token, "0123456789") != len || (len > 1 && *token == '0'))
		return NULL;
	for (size_t i = 0; i < len; i++)
		index = index * 10 + (size_t)(token[i] - '0');
	while (item && index-- > 0)
		item = json_next(item);
	return item;
}

const struct json *
json_pointer(const struct json *root, const char *pointer)
{
	const struct json *value = root;

	while (value && *pointer == '/') {
		const char *token = ++pointer;
		size_t len = strcspn(token, "/");
		enum json_type type = json_type(value);

		if (type == JSON_ARRAY) {
			value = element(value, token, len);
		} else {
			value = type == JSON_OBJECT ? json_first(value) : NULL;
			while (value && !token_is(token, len, json_name(value)))
				value = json_next(value);
		}
		pointer = token + len;
	}
	return *pointer == '\0' ? value : NULL;
}

const struct json *
json_first(const struct json *container)
{
	return container ? value_of(node(container)->child) : NULL;
}

const struct json *
json_next(const struct json *value)
{
	return value ? value_of(node(value)->next) : NULL;
}

const char *
json_name(const struct json *member)
{
	return member ? node(member)->string : NULL;
}

size_t
json_size(const struct json *container)
{
	size_t size = 0;

	for (const struct json *item = json_first(container); item; item = json_next(item))
		size++;
	return size;
}

const char *
json_string(const struct json *value)
{
	return cJSON_GetStringValue(node(value));
}

bool
json_number(const struct json *value, double *ret_number)
{
	if (!cJSON_IsNumber(node(value)))
		return false;
	*ret_number = node(value)->valuedouble;
	return true;
}

bool
json_integer(const struct json *value, int64_t *ret_number)
{
	const double limit = 9007199254740992.0; /* 2^53 */
	double number;

	if (!json_number(value, &number) || !(fabs(number) < limit) || number != trunc(number))
		return false;
	*ret_number = (int64_t)number;
	return true;
}

bool
json_bool(const struct json *value, bool *ret_bool)
{
	if (!cJSON_IsBool(node(value)))
		return false;
	*ret_bool = cJSON_IsTrue(node(value));
	return true;
}

/* Writes the shortest text that reads back as the same number; cJSON's own printing loses the last
 * digit of long whole numbers. */
static void
write_number(struct jsonw *w, const char *name, const struct json *value)
{
	double number = node(value)->valuedouble;
	char text[32];
	int64_t whole;

	if (json_integer(value, &whole)) {
		jsonw_int(w, name, whole);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	jsonw_raw(w, name, text);
}

static void
write_value(struct jsonw *w, const char *name, const struct json *value)
{
	enum json_type type = json_type(value);
	const struct json *item;

	switch (type) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		(type == JSON_OBJECT ? jsonw_object : jsonw_array)(w, name);
		for (item = json_first(value); item; item = json_next(item))
			write_value(w, json_name(item), item);
		(type == JSON_OBJECT ? jsonw_object_end : jsonw_array_end)(w);
		return;
	case JSON_STRING:
		jsonw_string(w, name, json_string(value));
		return;
	case JSON_NUMBER:
		write_number(w, name, value);
		return;
	case JSON_BOOL:
		jsonw_bool(w, name, cJSON_IsTrue(node(value)));
		return;
	case JSON_NULL:
		jsonw_null(w, name);
		return;
	}
}

char *
json_text(struct arena *arena, const struct json *value)
{
	struct buf out;
	struct jsonw w;
	char *text = NULL;

	/* No text of LIMIT_JSON_BODY bytes grows to this by being written anew. */
	buf_init(&out, LIMIT_REPLY);
	jsonw_init(&w, &out);
	write_value(&w, NULL, value);
	if (!out.failed)
		text = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}
