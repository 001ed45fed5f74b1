/* Reads the fields of the calls that make a job: where a value stands in the body, how it is written, and
 * which constants go with it. */
#include "upstream/dialect/reader.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/fill.h"

enum {
	NAMES_MAX = 2 * DIALECT_LIST_MAX + 3 * JOB_FIELD__MAX, /* members of one body */
};

/* The types that a field can have; the first is its default. */
static const struct {
	const char *field, *word;
	enum field_type type;
} types[] = {
    {"size", "1280x720", TYPE_PLAIN},           {"size", "1280*720", TYPE_STAR},
    {"resolution", "720p", TYPE_PLAIN},         {"resolution", "720P", TYPE_UPPER},
    {"seconds", "string", TYPE_PLAIN},          {"seconds", "integer", TYPE_INTEGER},
    {"aspect_ratio", "given", TYPE_PLAIN},      {"aspect_ratio", "from_size", TYPE_FROM_SIZE},
    {"input_reference", "file", TYPE_PLAIN},    {"input_reference", "data_url", TYPE_DATA_URL},
    {"input_reference", "base64", TYPE_BASE64},
};

static bool
read_type(struct dialect_reader *r, const struct json *value, const char *field, enum field_type *ret_type)
{
	const char *word = json_string(value);
	for (size_t i = 0; word && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].field, field) == 0 && strcmp(types[i].word, word) == 0) {
			*ret_type = types[i].type;
			return true;
		}
	return dialect_fail(r, "has a type that this field does not know");
}

static bool
read_when(struct dialect_reader *r, const struct json *value, enum field_when *ret_when)
{
	const char *word = json_string(value);
	if (word == NULL || (strcmp(word, "image") != 0 && strcmp(word, "no_image") != 0))
		return dialect_fail(r, "has an \"if\" that is neither \"image\" nor \"no_image\"");
	*ret_when = strcmp(word, "image") == 0 ? WHEN_IMAGE : WHEN_NO_IMAGE;
	return true;
}

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

/* Reads a name. NULL with the failure written. */
static const char *
read_name(struct dialect_reader *r, const struct json *value)
{
	const char *name = dialect_text(r, value, false);
	if (name == NULL || is_name(name))
		return name;
	dialect_fail(r, "has \"%.60s\", which is no JSON pointer of at most %d steps", name,
	             DIALECT_DEPTH_MAX);
	return NULL;
}

/* Reads the members of an object as a list that ends with a NULL name. NULL with the failure written. */
static const struct dialect_constant *
read_constants(struct dialect_reader *r, const struct json *object)
{
	struct arena *arena = r->dialect->arena;
	size_t count = json_size(object), n = 0;

	if (json_type(object) != JSON_OBJECT || count > DIALECT_LIST_MAX) {
		dialect_fail(r, "must be an object of at most %d members", DIALECT_LIST_MAX);
		return NULL;
	}
	struct dialect_constant *list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (const struct json *v = list ? json_first(object) : NULL; v; v = json_next(v)) {
		const char *name = json_name(v);
		bool container = json_type(v) == JSON_OBJECT || json_type(v) == JSON_ARRAY;
		if (strlen(name) > DIALECT_TEXT_MAX || !is_name(name)) {
			dialect_fail(r, "has \"%.60s\", which is no name and no JSON pointer", name);
			return NULL;
		}
		list[n].name = name;
		list[n].json = json_text(arena, v);
		list[n].text = json_string(v) ? json_string(v) : container ? NULL : list[n].json;
		n++;
	}
	if (list == NULL || arena_failed(arena)) {
		dialect_fail(r, "finds no memory");
		return NULL;
	}
	return list;
}

bool
dialect_read_constants(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const struct dialect_constant **to = dialect_slot(r, key);
	*to = read_constants(r, value);
	return *to != NULL;
}

bool
dialect_read_field(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	struct dialect_field *field = dialect_slot(r, key);

	if (json_type(value) != JSON_OBJECT) {
		field->name = read_name(r, value);
		return field->name != NULL;
	}
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		const char *name = json_name(v);
		bool good = true;
		if (strcmp(name, "name") == 0)
			good = (field->name = read_name(r, v)) != NULL;
		else if (strcmp(name, "type") == 0)
			good = read_type(r, v, key->name, &field->type);
		else if (strcmp(name, "if") == 0)
			good = read_when(r, v, &field->when);
		else if (strcmp(name, "with") == 0)
			good = (field->with = read_constants(r, v)) != NULL;
		else
			return dialect_fail(r, "has the unknown member \"%.40s\"", name);
		if (!good)
			return false;
	}
	return field->name ? true : dialect_fail(r, "must be a name, or an object that has a \"name\"");
}

/* ---- what depends on several keys ---- */

/* Returns the length of a pointer's step. */
static size_t
step_size(const char *p)
{
	return strcspn(p, "/");
}

/* True where two members can stand in one body: neither is the other or contains it, and where their paths
 * part, both are elements of an array or both are members of an object. */
static bool
names_fit(const char *a, const char *b)
{
	if (a[0] != '/' || b[0] != '/') { /* plain names are members of the root */
		const char *plain = a[0] != '/' ? a : b, *other = a[0] != '/' ? b : a;
		if (other[0] != '/')
			return strcmp(plain, other) != 0;
		size_t len = step_size(other + 1);
		return strlen(plain) != len || strncmp(plain, other + 1, len) != 0;
	}
	while (*a == '/' && *b == '/') {
		size_t la = step_size(++a), lb = step_size(++b);
		if (la != lb || strncmp(a, b, la) != 0)
			return !isdigit((unsigned char)*a) == !isdigit((unsigned char)*b);
		a += la;
		b += lb;
	}
	return false;
}

struct names {
	const char *all[NAMES_MAX];
	size_t count;
};

static bool
add_name(struct dialect_reader *r, struct names *names, const char *name)
{
	if (names->count == NAMES_MAX)
		return dialect_fail(r, "has too many members");
	for (size_t i = 0; i < names->count; i++)
		if (!names_fit(names->all[i], name))
			return dialect_fail(r, "puts \"%.60s\" where \"%.60s\" stands", name, names->all[i]);
	names->all[names->count++] = name;
	return true;
}

static bool
add_list(struct dialect_reader *r, struct names *names, const struct dialect_constant *list)
{
	for (; list && list->name; list++)
		if (!add_name(r, names, list->name))
			return false;
	return true;
}

/* Refuses members that stand where others do. */
static bool
members_fit(struct dialect_reader *r, const struct dialect_form *form)
{
	struct names names = {.count = 0};
	for (int i = 0; i < JOB_FIELD__MAX; i++) {
		const struct dialect_field *field = &form->fields[i];
		if (field->name && (!add_name(r, &names, field->name) || !add_list(r, &names, field->with)))
			return false;
	}
	return add_list(r, &names, form->constants);
}

/* Refuses an image as text in a multipart body, or as a file in JSON. */
static bool
image_fits(struct dialect_reader *r, const struct dialect_form *form)
{
	const struct dialect_field *image = &form->fields[JOB_INPUT_REFERENCE];
	size_t back = dialect_enter(r, "fields.input_reference");
	if (image->name && (form->body_with_image == BODY_JSON) == (image->type == TYPE_PLAIN))
		return dialect_fail(r, "needs %s",
		                    image->type == TYPE_PLAIN
		                        ? "a \"multipart\" body, or the type \"data_url\" or \"base64\""
		                        : "a \"json\" body_with_image for its type");
	dialect_leave(r, back);
	return true;
}

/* Refuses a derived job whose source has no place or two, and a new job with a place for a source. */
static bool
source_fits(struct dialect_reader *r, const struct dialect_form *form, bool derived)
{
	bool in_path = fill_has(form->call.path, FILL_ID);
	bool in_body = form->fields[JOB_SOURCE].name != NULL;
	if (!derived)
		return !in_body || dialect_fail(r, "has a source, and is made from none");
	return in_path != in_body ||
	       dialect_fail(r, in_path ? "has {id} in its path and a source in its fields: one is enough"
	                               : "must hold {id} in its path, or have the field source");
}

bool
dialect_form_ok(struct dialect_reader *r, const char *name, struct dialect_form *form,
                const struct json *value)
{
	size_t back = dialect_enter(r, name);
	if (value == NULL) {
		dialect_leave(r, back);
		return true;
	}
	if (!json_get(value, "body_with_image"))
		form->body_with_image = form->body;
	if (!members_fit(r, form) || !image_fits(r, form) ||
	    !source_fits(r, form, form != &r->dialect->forms[DIALECT_CREATE]))
		return false;
	dialect_leave(r, back);
	return true;
}
