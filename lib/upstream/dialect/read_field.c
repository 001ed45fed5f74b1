/* Reads the fields of the calls that make a job: where a value stands in the body, how it is written, which
 * tasks it is sent with, and which constants go with it. */
#include "upstream/dialect/reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

enum { STEP_MAX = 100000, TYPES_TEXT = 160 };

/* The types that a field can have; the first is its default. */
static const struct {
	const char *field, *word;
	enum field_type type;
} types[] = {
    {"size", "1280x720", TYPE_PLAIN},
    {"size", "1280*720", TYPE_STAR},
    {"size", "1280:720", TYPE_COLON},
    {"width", "integer", TYPE_PLAIN},
    {"width", "string", TYPE_STRING},
    {"height", "integer", TYPE_PLAIN},
    {"height", "string", TYPE_STRING},
    {"resolution", "720p", TYPE_PLAIN},
    {"resolution", "720P", TYPE_UPPER},
    {"seconds", "string", TYPE_PLAIN},
    {"seconds", "integer", TYPE_INTEGER},
    {"seconds", "float", TYPE_FLOAT},
    {"seconds", "5s", TYPE_SUFFIX},
    {"aspect_ratio", "given", TYPE_PLAIN},
    {"aspect_ratio", "from_size", TYPE_FROM_SIZE},
    {"aspect_ratio", "number", TYPE_QUOTIENT},
    {"seed", "integer", TYPE_PLAIN},
    {"seed", "string", TYPE_STRING},
    {"source", "id", TYPE_PLAIN},
    {"source", "integer", TYPE_INTEGER},
    {"source", "url", TYPE_URL},
    {"input_reference", "file", TYPE_PLAIN},
    {"input_reference", "data_url", TYPE_DATA_URL},
    {"input_reference", "base64", TYPE_BASE64},
    {"input_reference", "url", TYPE_URL},
    {"input_reference", "upload", TYPE_UPLOAD},
    {"last_frame", "file", TYPE_PLAIN},
    {"last_frame", "data_url", TYPE_DATA_URL},
    {"last_frame", "base64", TYPE_BASE64},
    {"last_frame", "url", TYPE_URL},
    {"last_frame", "upload", TYPE_UPLOAD},
    {"references", "file", TYPE_PLAIN},
    {"references", "data_url", TYPE_DATA_URL},
    {"references", "base64", TYPE_BASE64},
    {"references", "url", TYPE_URL},
    {"references", "upload", TYPE_UPLOAD},
};

static bool
read_type(struct dialect_reader *r, const struct json *value, const char *field, enum field_type *ret_type)
{
	char known[TYPES_TEXT];
	const char *word = json_string(value);
	struct buf list;
	for (size_t i = 0; word && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].field, field) == 0 && strcmp(types[i].word, word) == 0) {
			*ret_type = types[i].type;
			return true;
		}
	buf_init(&list, sizeof(known));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].field, field) == 0)
			buf_addf(&list, "%s\"%s\"", list.len > 0 ? ", " : "", types[i].word);
	if (list.len == 0)
		dialect_fail(r, "is not needed: there is one way to write this field");
	else
		dialect_fail(r, "is unknown; there are %s", buf_str(&list));
	buf_free(&list);
	return false;
}

/* ---- which tasks ---- */

static const struct {
	const char *word;
	struct dialect_when when;
} whens[] = {
    {"image", {INPUT_IMAGE, 0}},
    {"no_image", {0, INPUT_IMAGE | INPUT_FIRST | INPUT_LAST | INPUT_REFERENCES}},
    {"first", {INPUT_FIRST | INPUT_IMAGE, 0}},
    {"no_first", {0, INPUT_FIRST}},
    {"last", {INPUT_LAST | INPUT_IMAGE, 0}},
    {"no_last", {0, INPUT_LAST}},
    {"references", {INPUT_REFERENCES | INPUT_IMAGE, 0}},
    {"no_references", {0, INPUT_REFERENCES}},
};

static bool
add_when(struct dialect_reader *r, const struct json *value, struct dialect_when *when)
{
	const char *word = json_string(value);
	for (size_t i = 0; word && i < sizeof(whens) / sizeof(whens[0]); i++)
		if (strcmp(whens[i].word, word) == 0) {
			when->must |= whens[i].when.must;
			when->never |= whens[i].when.never;
			return (when->must & when->never) == 0 || dialect_fail(r, "is met by no task");
		}
	return dialect_fail(r, "is unknown; there are \"image\", \"first\", \"last\", "
	                       "\"references\", each also with \"no_\" before it, and lists of these");
}

bool
dialect_read_when(struct dialect_reader *r, const struct json *value, struct dialect_when *ret_when)
{
	*ret_when = (struct dialect_when){0, 0};
	if (json_type(value) != JSON_ARRAY)
		return add_when(r, value, ret_when);
	for (const struct json *v = json_first(value); v; v = json_next(v))
		if (!add_when(r, v, ret_when))
			return false;
	return true;
}

/* ---- names ---- */

/* True for the name of a part or a member; a name that begins with a slash must be a pointer. */
static bool
is_name(const char *name)
{
	size_t steps = 0;
	for (const char *p = name; *p; p++)
		steps += *p == '/';
	if (name[0] != '/')
		return name[0] != '\0';
	return dialect_is_pointer(name) && steps <= DIALECT_DEPTH_MAX && !strstr(name, "//") &&
	       name[strlen(name) - 1] != '/';
}

/* Counts the steps "-". */
static size_t
dashes(const char *name)
{
	size_t count = 0;
	for (const char *p = name; name[0] == '/' && (p = strstr(p, "/-")) != NULL; p++)
		count += p[2] == '/' || p[2] == '\0';
	return count;
}

/* True for a field that holds images. */
static bool
is_images(const char *field)
{
	return strcmp(field, "input_reference") == 0 || strcmp(field, "last_frame") == 0 ||
	       strcmp(field, "references") == 0;
}

static bool
name_good(struct dialect_reader *r, const char *name, bool images)
{
	if (strlen(name) > DIALECT_TEXT_MAX || !is_name(name))
		return dialect_fail(r,
		                    "has \"%.60s\", which is no name and no JSON pointer of at most %d steps",
		                    name, DIALECT_DEPTH_MAX);
	if (dashes(name) > (images ? 1 : 0))
		return dialect_fail(r, "has \"%.60s\": the step \"-\" is for images, once", name);
	return true;
}

/* Reads the name of a field. NULL with the failure written. */
static const char *
read_name(struct dialect_reader *r, const struct json *value, const char *field)
{
	if (json_type(value) != JSON_STRING) {
		dialect_fail(r, "must be a name, like \"prompt\", or an object that has one");
		return NULL;
	}
	const char *name = dialect_text(r, value, false);
	bool root = name && strcmp(field, "extra") == 0 && strcmp(name, "/") == 0;
	return name && (root || name_good(r, name, is_images(field))) ? name : NULL;
}

/* ---- constants and values ---- */

/* Reads a value as JSON and, where it is no container, as text. False when memory is short. */
static bool
read_scalar(struct arena *arena, const struct json *v, const char **ret_json, const char **ret_text)
{
	bool container = json_type(v) == JSON_OBJECT || json_type(v) == JSON_ARRAY;
	*ret_json = json_text(arena, v);
	*ret_text = container ? NULL : json_type(v) == JSON_STRING ? json_string(v) : *ret_json;
	return *ret_json != NULL;
}

/* True where the text has a placeholder that stands for something of an image. */
static bool
is_about_image(const char *text)
{
	return strstr(text, "{image_type}") || strstr(text, "{image_format}") ||
	       strstr(text, "{image_number}");
}

/* Reads the members of an object as a list that ends with a NULL name. NULL with the failure written. */
static const struct dialect_constant *
read_constants(struct dialect_reader *r, const struct json *object, bool images)
{
	struct arena *arena = r->dialect->arena;
	size_t count = json_size(object), n = 0;

	if (json_type(object) != JSON_OBJECT || count > DIALECT_LIST_MAX) {
		dialect_fail(r, "must be an object of at most %d members", DIALECT_LIST_MAX);
		return NULL;
	}
	struct dialect_constant *list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (const struct json *v = list ? json_first(object) : NULL; v; v = json_next(v), n++) {
		list[n].name = json_name(v);
		if (!name_good(r, list[n].name, images))
			return NULL;
		if (!read_scalar(arena, v, &list[n].json, &list[n].text))
			break;
		if (!images && is_about_image(list[n].json)) {
			dialect_fail(r, "has a placeholder that goes only into the \"with\" of an image");
			return NULL;
		}
	}
	if (list == NULL || arena_failed(arena)) {
		dialect_fail(r, "finds no memory");
		return NULL;
	}
	return list;
}

/* Reads one group of constants: a plain object, or one with a condition. */
static bool
read_group(struct dialect_reader *r, const struct json *value, bool plain, struct dialect_constants *group)
{
	const struct json *with = plain ? value : json_get(value, "with");
	const struct json *when = plain ? NULL : json_get(value, "if");
	if (!plain && (with == NULL || json_size(value) != 1 + (when != NULL)))
		return dialect_fail(r, "must be an object, or a list of objects with \"if\" and \"with\"");
	if (when && !dialect_read_when(r, when, &group->when))
		return false;
	group->list = read_constants(r, with, false);
	return group->list != NULL;
}

bool
dialect_read_constants(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const struct dialect_constants **to = dialect_slot(r, key);
	bool plain = json_type(value) != JSON_ARRAY;
	size_t count = plain ? 1 : json_size(value), n = 0;
	struct dialect_constants *groups = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*groups));

	if (groups == NULL)
		return dialect_fail(r, "finds no memory");
	if (count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of at most %d objects", DIALECT_LIST_MAX);
	for (const struct json *v = plain ? value : json_first(value); v; v = plain ? NULL : json_next(v))
		if (!read_group(r, v, plain, &groups[n++]))
			return false;
	*to = groups;
	return true;
}

/* Reads the number of lines that a step is for. */
static bool
read_step(struct dialect_reader *r, const struct dialect_value *before, struct dialect_value *row)
{
	char *end = NULL;
	row->step = isdigit((unsigned char)row->ours[0]) ? strtol(row->ours, &end, 10) : 0;
	if (row->step < 1 || row->step > STEP_MAX || *end != '\0')
		return dialect_fail(r, "has the step \"%.20s\", which is no number of lines", row->ours);
	if (before && before->step >= row->step)
		return dialect_fail(r, "has the step %s behind a larger one", row->ours);
	return true;
}

/* Reads "values", a list or an object, or "steps", an object. */
static bool
read_values(struct dialect_reader *r, const struct json *value, bool steps, struct dialect_field *field)
{
	struct arena *arena = r->dialect->arena;
	bool words = json_type(value) == JSON_OBJECT;
	size_t count = json_size(value), n = 0;
	struct dialect_value *list = arena_alloc(arena, (count + 1) * sizeof(*list));

	if (!(words || (!steps && json_type(value) == JSON_ARRAY)) || count == 0 || count > DIALECT_LIST_MAX)
		return dialect_fail(r, steps ? "must be like {\"720\": \"720p\"}"
		                             : "must be like [4, 8] or {\"true\": \"on\"}");
	for (const struct json *v = list ? json_first(value) : NULL; v; v = json_next(v), n++) {
		struct dialect_value *row = &list[n];
		if (json_type(v) == JSON_OBJECT || json_type(v) == JSON_ARRAY || json_type(v) == JSON_NULL)
			return dialect_fail(r, "holds what is no string, number or boolean");
		if (!read_scalar(arena, v, &row->json, &row->text))
			break;
		row->ours = words ? json_name(v) : row->text;
		if (!words)
			row->json = row->text = NULL; /* as the type says */
		if (row->ours[0] == '\0')
			return dialect_fail(r, "holds an empty value");
		if (steps && !read_step(r, n > 0 ? row - 1 : NULL, row))
			return false;
	}
	if (list == NULL || arena_failed(arena))
		return dialect_fail(r, "finds no memory");
	field->values = list;
	field->steps = steps;
	return true;
}

/* Reads what is sent where the task has nothing. */
static bool
read_otherwise(struct dialect_reader *r, const struct json *value, struct dialect_field *field)
{
	struct dialect_value *otherwise = arena_alloc(r->dialect->arena, sizeof(*otherwise));
	if (otherwise == NULL || !read_scalar(r->dialect->arena, value, &otherwise->json, &otherwise->text))
		return dialect_fail(r, "finds no memory");
	if (otherwise->text == NULL || json_type(value) == JSON_NULL)
		return dialect_fail(r, "must be a string, a number or a boolean");
	field->otherwise = otherwise;
	return true;
}

/* ---- fields ---- */

/* True for a field whose values can be listed. */
static bool
is_listed(const char *field)
{
	static const char *const without[] = {"prompt", "model",  "negative_prompt", "source", "extra",
	                                      "width",  "height", "resolution",      "seed"};
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (strcmp(field, without[i]) == 0)
			return false;
	return !is_images(field);
}

/* True for two numbers with `between` between them, as clients write sizes and aspect ratios. */
static bool
is_pair(const char *s, char between)
{
	size_t first = strspn(s, "0123456789");
	size_t second = s[first] == between ? strspn(s + first + 1, "0123456789") : 0;
	return first > 0 && second > 0 && s[first + 1 + second] == '\0';
}

/* Refuses values that no client says: none of them would ever be sent. Words are let be: clients may come to
 * say "auto". */
static bool
values_fit(struct dialect_reader *r, const char *key, const struct dialect_value *values)
{
	bool size = strcmp(key, "size") == 0, ratio = strcmp(key, "aspect_ratio") == 0;
	bool seconds = strcmp(key, "seconds") == 0;
	for (; values->ours; values++) {
		const char *s = values->ours;
		bool number = isdigit((unsigned char)s[0]) != 0;
		if (number && size && !is_pair(s, 'x'))
			return dialect_fail(r, "holds \"%.40s\", which is no size like 1280x720", s);
		if (number && ratio && !is_pair(s, ':'))
			return dialect_fail(r, "holds \"%.40s\", which is no aspect ratio like 16:9", s);
		if (number && seconds && s[strspn(s, "0123456789")] != '\0')
			return dialect_fail(r, "holds \"%.40s\", which is no whole number of seconds", s);
		if (!size && !ratio && !seconds && strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
			return dialect_fail(r, "holds \"%.40s\", which is neither true nor false", s);
	}
	return true;
}

/* Reads a member of a field, which stands in r->where. */
static bool
read_member(struct dialect_reader *r, const struct json *v, const char *key, struct dialect_field *field)
{
	const char *name = json_name(v);
	bool value = !is_images(key) && strcmp(key, "extra") != 0 && strcmp(key, "source") != 0;
	if (strcmp(name, "name") == 0)
		return (field->name = read_name(r, v, key)) != NULL;
	if (strcmp(name, "type") == 0)
		return read_type(r, v, key, &field->type);
	if (strcmp(name, "if") == 0)
		return dialect_read_when(r, v, &field->when);
	if (strcmp(name, "with") == 0)
		return (field->with = read_constants(r, v, is_images(key))) != NULL;
	if (strcmp(name, "values") == 0 && is_listed(key))
		return read_values(r, v, false, field) && values_fit(r, key, field->values);
	if (strcmp(name, "steps") == 0 && strcmp(key, "resolution") == 0)
		return read_values(r, v, true, field);
	if (strcmp(name, "default") == 0 && value && strcmp(key, "prompt") != 0)
		return read_otherwise(r, v, field);
	return dialect_fail(r, "is an unknown key; there are name, type, if, with%s",
	                    is_listed(key)                   ? ", values, default"
	                    : strcmp(key, "resolution") == 0 ? ", steps, default"
	                    : value                          ? ", default"
	                                                     : "");
}

static bool
read_one(struct dialect_reader *r, const struct json *value, const char *key, struct dialect_field *field)
{
	if (json_type(value) != JSON_OBJECT) {
		field->name = read_name(r, value, key);
		return field->name != NULL;
	}
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		size_t back = dialect_enter(r, json_name(v));
		if (!read_member(r, v, key, field))
			return false;
		dialect_leave(r, back);
	}
	return field->name ? true : dialect_fail(r, "must be a name, or an object that has a \"name\"");
}

bool
dialect_read_field(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	struct dialect_field *field = dialect_slot(r, key);
	size_t count = json_size(value), n = 0;
	char index[24];

	if (json_type(value) != JSON_ARRAY)
		return read_one(r, value, key->name, field);
	if (count == 0 || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of 1 to %d objects", DIALECT_LIST_MAX);
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		snprintf(index, sizeof(index), "%zu", n);
		size_t back = dialect_enter(r, index);
		if (!read_one(r, v, key->name, field))
			return false;
		dialect_leave(r, back);
		if (++n == count)
			break;
		if (field->when.must == 0 && field->when.never == 0)
			return dialect_fail(r,
			                    "has no \"if\" but at its end: what follows would never be sent");
		struct dialect_field *next = arena_alloc(r->dialect->arena, sizeof(*next));
		if (next == NULL)
			return dialect_fail(r, "finds no memory");
		field->next = next;
		field = next;
	}
	return true;
}
