/* Reading a profile. Every key is one row in a table: its name, whether it must be there, how it is read and
 * where it goes; whatever has no row is an error. conf/dialects/README.md has the same rows for people. */
#include "upstream/dialect.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "upstream/dialect_parts.h"

enum {
	TEXT_MAX = 256,    /* bytes of any one string in a profile */
	LIST_MAX = 32,     /* pointers or words in one list */
	PROFILE_NAME = 64, /* bytes of a profile's name */
	WHERE_SIZE = 128
};

struct reader {
	struct dialect *dialect;
	const char *label;      /* of the file, for messages */
	char where[WHERE_SIZE]; /* the key at hand, "submit.path" */
	char *why;
	size_t why_size;
};

struct key {
	const char *name; /* NULL ends a table */
	bool required;
	bool (*read)(struct reader *r, const struct json *value, const struct key *key);
	size_t at;              /* offset in struct dialect of what is read */
	const struct key *keys; /* the table of an object */
};

static bool fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the sentence of the first failure; always false, so that a reader can end with it. */
static bool
fail(struct reader *r, const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(r->why, r->why_size, "%s: %s%s%s", r->label, r->where, r->where[0] ? " " : "", what);
	return false;
}

static void *
slot(struct reader *r, const struct key *key)
{
	return (char *)r->dialect + key->at;
}

/* A string that is safe in a header line, a path or a log: printable ASCII. NULL, with the failure written.
 */
static const char *
text(struct reader *r, const struct json *value, bool may_be_empty)
{
	const char *s = json_string(value);
	if (!s) {
		fail(r, "must be a string");
		return NULL;
	}
	size_t len = strlen(s);
	if ((len == 0 && !may_be_empty) || len > TEXT_MAX) {
		fail(r, "must have 1 to %d characters", TEXT_MAX);
		return NULL;
	}
	for (size_t i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~') {
			fail(r, "must be printable ASCII");
			return NULL;
		}
	return s;
}

/* --- readers of values ------------------------------------------------------------------------- */

static bool
read_prefix(struct reader *r, const struct json *value, const struct key *key)
{
	const char **to = slot(r, key);
	*to = text(r, value, true);
	return *to != NULL;
}

static bool
read_header(struct reader *r, const struct json *value, const struct key *key)
{
	const char **to = slot(r, key);
	*to = text(r, value, false);
	if (*to && !ids_is_word(*to, TEXT_MAX))
		return fail(r, "must be the name of a header");
	return *to != NULL;
}

static bool
read_path_with(struct reader *r, const struct json *value, const struct key *key, int ids)
{
	const char **to = slot(r, key);
	const char *s = text(r, value, false);
	int found = 0;

	if (!s)
		return false;
	if (s[0] != '/' || strpbrk(s, " #"))
		return fail(r, "must begin with a slash and hold neither space nor #");
	for (const char *p = s; (p = strpbrk(p, "{}")); p += strlen("{id}"), found++)
		if (strncmp(p, "{id}", strlen("{id}")) != 0)
			return fail(r, "has an unknown placeholder; there is only {id}");
	if (found != ids)
		return fail(r, ids ? "must hold {id} once" : "must not hold {id}: there is no id yet");
	*to = s;
	return true;
}

static bool
read_path(struct reader *r, const struct json *value, const struct key *key)
{
	return read_path_with(r, value, key, 0);
}

static bool
read_id_path(struct reader *r, const struct json *value, const struct key *key)
{
	return read_path_with(r, value, key, 1);
}

static bool
read_body(struct reader *r, const struct json *value, const struct key *key)
{
	enum dialect_body *body = slot(r, key);
	const char *s = json_string(value);
	if (!s || (strcmp(s, "multipart") != 0 && strcmp(s, "json") != 0))
		return fail(r, "must be \"multipart\" or \"json\"");
	*body = strcmp(s, "json") == 0 ? BODY_JSON : BODY_MULTIPART;
	return true;
}

static bool
read_method(struct reader *r, const struct json *value, const struct key *key)
{
	const char **to = slot(r, key);
	*to = json_string(value);
	if (!*to || (strcmp(*to, "DELETE") != 0 && strcmp(*to, "POST") != 0))
		return fail(r, "must be \"DELETE\" or \"POST\"");
	return true;
}

static bool
read_codes(struct reader *r, const struct json *value, const struct key *key)
{
	bool *accepted = slot(r, key);
	int64_t code;

	if (json_type(value) != JSON_ARRAY || json_size(value) == 0)
		return fail(r, "must be a list of status codes");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		if (!json_integer(v, &code) || code < 200 || code > 299)
			return fail(r, "must hold codes from 200 to 299 only");
		accepted[code - 200] = true;
	}
	return true;
}

static bool
read_field(struct reader *r, const struct json *value, const struct key *key)
{
	struct dialect_field *field = slot(r, key);
	field->name = text(r, value, false);
	return field->name != NULL;
}

/* A name, or an object of name and type. */
static bool
read_typed_field(struct reader *r, const struct json *value, const struct key *key)
{
	struct dialect_field *field = slot(r, key);
	const char *type;

	if (json_type(value) != JSON_OBJECT)
		return read_field(r, value, key);
	type = json_string(json_get(value, "type"));
	if (json_size(value) != 2 || !type || !json_get(value, "name"))
		return fail(r, "must be a name, or an object of \"name\" and \"type\"");
	if (strcmp(type, "string") != 0 && strcmp(type, "integer") != 0)
		return fail(r, "has a type that is neither \"string\" nor \"integer\"");
	field->integer = strcmp(type, "integer") == 0;
	return read_field(r, json_get(value, "name"), key);
}

/* The strings of a list, in the arena; NULL with the failure written. */
static const char **
read_list(struct reader *r, const struct json *value)
{
	size_t count = json_size(value), i = 0;

	if (json_type(value) != JSON_ARRAY || count > LIST_MAX) {
		fail(r, "must be a list of at most %d strings", LIST_MAX);
		return NULL;
	}
	const char **list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));
	if (!list) {
		fail(r, "finds no memory");
		return NULL;
	}
	for (const struct json *v = json_first(value); v; v = json_next(v))
		if (!(list[i++] = text(r, v, false)))
			return NULL;
	return list;
}

static bool
is_pointer(const char *s)
{
	if (s[0] != '/')
		return false;
	while ((s = strchr(s, '~')))
		if (*++s != '0' && *s != '1')
			return false;
	return true;
}

static bool
read_pointers(struct reader *r, const struct json *value, const struct key *key)
{
	const char *const **to = slot(r, key);
	const char **list = read_list(r, value);

	if (!list)
		return false;
	if (key->required && !list[0])
		return fail(r, "must name at least one place");
	for (size_t i = 0; list[i]; i++)
		if (!is_pointer(list[i]))
			return fail(r, "holds \"%s\", which is no JSON pointer", list[i]);
	*to = list;
	return true;
}

static bool
read_words(struct reader *r, const struct json *value, const struct key *key)
{
	const char *const **to = slot(r, key);
	const char **list = read_list(r, value);

	if (!list)
		return false;
	if (key->required && !list[0])
		return fail(r, "must hold at least one word");
	for (size_t i = 0; list[i]; i++) {
		bool doubled = dialect_status(r->dialect, list[i]) != POLL_UNKNOWN_WORD;
		for (size_t j = 0; j < i && !doubled; j++)
			doubled = strcasecmp(list[i], list[j]) == 0;
		if (doubled)
			return fail(r, "holds \"%s\", which stands for something already", list[i]);
	}
	*to = list;
	return true;
}

static const struct key *
key_named(const struct key *keys, const char *name)
{
	while (keys->name && strcmp(keys->name, name) != 0)
		keys++;
	return keys->name ? keys : NULL;
}

/* An object: each member by its row, and no row that is required left out. */
static bool
read_members(struct reader *r, const struct json *value, const struct key *key)
{
	size_t end = strlen(r->where);
	const char *dot = end ? "." : "";

	if (json_type(value) != JSON_OBJECT)
		return fail(r, "must be an object");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		const struct key *row = key_named(key->keys, json_name(v));
		snprintf(r->where + end, sizeof(r->where) - end, "%s%.40s", dot, json_name(v));
		if (!row)
			return fail(r, "is an unknown key");
		if (!row->read(r, v, row))
			return false;
		r->where[end] = '\0';
	}
	for (const struct key *row = key->keys; row->name; row++) {
		if (!row->required || json_get(value, row->name))
			continue;
		snprintf(r->where + end, sizeof(r->where) - end, "%s%s", dot, row->name);
		return fail(r, "is missing");
	}
	return true;
}

/* --- the keys ---------------------------------------------------------------------------------- */

#define AT(member) offsetof(struct dialect, member)

static const struct key auth_keys[] = {
    {"header", true, read_header, AT(auth_header)},
    {"prefix", false, read_prefix, AT(auth_prefix)},
    {NULL},
};

/* The fields of a call that makes a job: their names in the profile, and what there is to them. */
#define FIELD_KEYS(form)                                                                                     \
	{                                                                                                    \
		{"prompt", true, read_field, AT(form.fields[FIELD_PROMPT])},                                 \
		    {"model", false, read_field, AT(form.fields[FIELD_MODEL])},                              \
		    {"size", false, read_field, AT(form.fields[FIELD_SIZE])},                                \
		    {"seconds", false, read_typed_field, AT(form.fields[FIELD_SECONDS])},                    \
		    {"aspect_ratio", false, read_field, AT(form.fields[FIELD_ASPECT_RATIO])},                \
		    {"watermark", false, read_field, AT(form.fields[FIELD_WATERMARK])},                      \
		    {"hd", false, read_field, AT(form.fields[FIELD_HD])},                                    \
		    {"private", false, read_field, AT(form.fields[FIELD_PRIVATE])},                          \
		    {"input_reference", false, read_field, AT(form.fields[FIELD_INPUT_REFERENCE])}, {NULL},  \
	}

static const struct key submit_field_keys[] = FIELD_KEYS(submit);
static const struct key remix_field_keys[] = FIELD_KEYS(remix);

static const struct key submit_keys[] = {
    {"path", true, read_path, AT(submit.call.path)},
    {"body", true, read_body, AT(submit.body)},
    {"body_with_image", false, read_body, AT(submit.body_with_image)},
    {"accepted", true, read_codes, AT(submit.call.accepted)},
    {"idempotency_header", false, read_header, AT(idempotency_header)},
    {"fields", true, read_members, 0, submit_field_keys},
    {NULL},
};

static const struct key remix_keys[] = {
    {"path", true, read_id_path, AT(remix.call.path)},
    {"body", true, read_body, AT(remix.body)},
    {"body_with_image", false, read_body, AT(remix.body_with_image)},
    {"fields", true, read_members, 0, remix_field_keys},
    {NULL},
};

static const struct key poll_keys[] = {
    {"path", true, read_id_path, AT(poll.path)},
    {"accepted", true, read_codes, AT(poll.accepted)},
    {NULL},
};

static const struct key content_keys[] = {
    {"path", true, read_id_path, AT(content.path)},
    {NULL},
};

static const struct key cancel_keys[] = {
    {"method", true, read_method, AT(cancel_method)},
    {"path", true, read_id_path, AT(cancel.path)},
    {NULL},
};

static const struct key list_keys[] = {
    {"path", true, read_path, AT(list.call.path)},
    {"accepted", true, read_codes, AT(list.call.accepted)},
    {"items", true, read_pointers, AT(list.items)},
    {"prompt", true, read_pointers, AT(list.prompt)},
    {"created_at", true, read_pointers, AT(list.created_at)},
    {"source", false, read_pointers, AT(list.source)},
    {NULL},
};

static const struct key answer_keys[] = {
    {"id", true, read_pointers, AT(facts[FACT_ID])},
    {"status", true, read_pointers, AT(facts[FACT_STATUS])},
    {"progress", false, read_pointers, AT(facts[FACT_PROGRESS])},
    {"video_url", false, read_pointers, AT(facts[FACT_VIDEO_URL])},
    {"image_url", false, read_pointers, AT(facts[FACT_IMAGE_URL])},
    {"error_code", false, read_pointers, AT(facts[FACT_ERROR_CODE])},
    {"error_message", false, read_pointers, AT(facts[FACT_ERROR_MESSAGE])},
    {NULL},
};

static const struct key word_keys[] = {
    {"queued", false, read_words, AT(words[POLL_QUEUED])},
    {"processing", false, read_words, AT(words[POLL_RUNNING])},
    {"completed", true, read_words, AT(words[POLL_COMPLETED])},
    {"failed", true, read_words, AT(words[POLL_ERROR])},
    {"cancelled", false, read_words, AT(words[POLL_CANCELLED])},
    {NULL},
};

static const struct key profile_keys[] = {
    {"auth", true, read_members, 0, auth_keys},        {"submit", true, read_members, 0, submit_keys},
    {"remix", false, read_members, 0, remix_keys},     {"poll", true, read_members, 0, poll_keys},
    {"content", false, read_members, 0, content_keys}, {"cancel", false, read_members, 0, cancel_keys},
    {"list", false, read_members, 0, list_keys},       {"answer", true, read_members, 0, answer_keys},
    {"words", true, read_members, 0, word_keys},       {NULL},
};

static const struct key profile = {"", true, read_members, 0, profile_keys};

/* --- loading ----------------------------------------------------------------------------------- */

/* What no single key can say: an image needs a body that can hold one. */
static bool
form_ok(struct reader *r, const char *name, struct dialect_form *form, const struct json *value)
{
	if (!json_get(value, "body_with_image"))
		form->body_with_image = form->body;
	if (form->body_with_image == BODY_JSON && form->fields[FIELD_INPUT_REFERENCE].name)
		return fail(r, "%s.fields.input_reference needs a \"multipart\" body: JSON holds no image",
		            name);
	return true;
}

static bool
read_profile(struct reader *r, const char *json, size_t len)
{
	const struct json *root;

	if (json_parse(r->dialect->arena, json, len, &root) != ERR_OK)
		return fail(r, "is not valid JSON");
	if (!read_members(r, root, &profile))
		return false;
	return form_ok(r, "submit", &r->dialect->submit, json_get(root, "submit")) &&
	       form_ok(r, "remix", &r->dialect->remix, json_get(root, "remix"));
}

/* dialect_parse() with a label of its own for the messages. */
static struct dialect *
parse(struct reader *r, const char *name, const char *json, size_t len)
{
	struct arena *arena = arena_new();

	r->dialect = arena ? arena_alloc(arena, sizeof(*r->dialect)) : NULL;
	if (!r->dialect) {
		fail(r, "finds no memory");
		arena_free(arena);
		return NULL;
	}
	r->dialect->arena = arena;
	r->dialect->auth_prefix = "";
	r->dialect->name = arena_strdup(arena, name);
	if (!r->dialect->name || !read_profile(r, json, len)) {
		if (!r->dialect->name)
			fail(r, "finds no memory");
		arena_free(arena);
		return NULL;
	}
	return r->dialect;
}

struct dialect *
dialect_parse(const char *name, const char *json, size_t len, char *ret_why, size_t why_size)
{
	struct reader r = {.label = name, .why = ret_why, .why_size = why_size};
	return parse(&r, name, json, len);
}

struct dialect *
dialect_load(const char *dir, const char *name, char *ret_why, size_t why_size)
{
	char path[1024];
	struct reader r = {.label = path, .why = ret_why, .why_size = why_size};
	struct dialect *dialect = NULL;
	struct buf buf;

	if (!ids_is_word(name, PROFILE_NAME)) {
		r.label = "dialect";
		fail(&r, "has a name that is no word of letters and digits");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	buf_init(&buf, LIMIT_DIALECT_FILE);
	enum err_code err = file_read(path, &buf);
	if (err == ERR_OK)
		dialect = parse(&r, name, buf_str(&buf), buf.len);
	else if (err == ERR_NOT_FOUND)
		fail(&r, "does not exist");
	else if (err == ERR_TOO_LARGE)
		fail(&r, "is longer than %d bytes", LIMIT_DIALECT_FILE);
	else
		fail(&r, "cannot be read");
	buf_free(&buf);
	return dialect;
}
