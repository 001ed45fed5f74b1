/* Fuzzes query strings. The input as it is: what is read keeps the promises of its table, and comes out the
 * same when it is encoded and read again. And the input as a value: encoded byte by byte, it must come out as
 * it went in, or be refused for what it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "web/field.h"
#include "web/request.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 100, OBJECT_MAX = 200 };

struct values {
	const char *text, *line, *word;
	struct field_int number;
	struct field_bool flag;
	const struct json *object;
};

static const char *const words[] = {"asc", "desc", NULL};
static const struct field fields[] = {
    {"t", FIELD_TEXT, offsetof(struct values, text), .min = 1, .max = TEXT_MAX},
    {"l", FIELD_LINE, offsetof(struct values, line), .min = 1, .max = TEXT_MAX},
    {"w", FIELD_WORD, offsetof(struct values, word), .words = words},
    {"n", FIELD_INT, offsetof(struct values, number), .min = -5, .max = INT64_MAX},
    {"b", FIELD_BOOL, offsetof(struct values, flag)},
    {"o", FIELD_OBJECT, offsetof(struct values, object), .max = OBJECT_MAX},
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static struct arena *arena;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static struct err
read_query(const char *query, struct values *ret_values)
{
	struct request request = {.arena = arena, .query = query};

	*ret_values = (struct values){0};
	return field_read_query(fields, FIELDS, &request, ret_values);
}

/* Appends name=value, every byte of the value encoded. */
static void
encode(struct buf *query, const char *name, const void *bytes, size_t len)
{
	buf_addf(query, "%s%s=", query->len > 0 ? "&" : "", name);
	for (size_t i = 0; i < len; i++)
		buf_addf(query, i % 2 ? "%%%02x" : "%%%02X", ((const uint8_t *)bytes)[i]);
}

static bool
is_text(const char *text, size_t len)
{
	ssize_t count = utf8_count(text, len);

	return count >= 1 && count <= TEXT_MAX && !utf8_has_control(text, len);
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
check_values(const struct values *values)
{
	struct buf query;
	struct values again;
	const char *texts[] = {values->text, values->line, values->word,
	                       values->object ? json_text(arena, values->object) : NULL};
	static const char *const names[] = {"t", "l", "w", "o"};

	must(!values->text || is_text(values->text, strlen(values->text)));
	must(!values->line || is_text(values->line, strlen(values->line)));
	must(!values->line || values->line[strcspn(values->line, "\t\r\n")] == '\0');
	must(!values->word || values->word == words[0] || values->word == words[1]);
	must(values->number.value >= -5);
	must(!values->object || json_type(values->object) == JSON_OBJECT);
	buf_init(&query, LIMIT_QUERY);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		/* Numbers and escapes may be longer when they are written anew. */
		if (texts[i] && (i < 3 || strlen(texts[i]) <= OBJECT_MAX))
			encode(&query, names[i], texts[i], strlen(texts[i]));
	must(!query.failed && read_query(buf_str(&query), &again).code == ERR_OK);
	must(same(again.text, values->text) && same(again.line, values->line) && again.word == values->word);
	must(!again.object || same(json_text(arena, again.object), texts[3]));
	buf_free(&query);
}

/* A NUL is no text, and utf8_has_control() counts it among the controls. */
static void
check_as_value(const uint8_t *data, size_t size)
{
	struct buf query;
	struct values values;

	buf_init(&query, LIMIT_QUERY);
	encode(&query, "t", data, size);
	if (!query.failed) {
		struct err err = read_query(buf_str(&query), &values);
		if (size == 0)
			must(err.code == ERR_OK && !values.text);
		else if (is_text((const char *)data, size))
			must(err.code == ERR_OK && strlen(values.text) == size &&
			     memcmp(values.text, data, size) == 0);
		else
			must(err.code == ERR_BAD_FIELD && same(err.field, "t") && !values.text);
	}
	buf_free(&query);
}

/* A parameter whose name is no text cannot be named. */
static bool
names_field(const struct err *err)
{
	static const char unnamed[] = "A name that is no text ";
	return err->detail[0] && (err->field || strncmp(err->detail, unnamed, strlen(unnamed)) == 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	arena = arena_new();
	must(arena != NULL);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *query = strndup((const char *)data, size);
	struct values values;

	must(query != NULL);
	struct err err = read_query(query, &values);
	if (err.code == ERR_OK)
		check_values(&values);
	else
		must((err.code == ERR_BAD_FIELD && names_field(&err)) ||
		     (err.code == ERR_BAD_REQUEST && err.detail[0]) ||
		     (err.code == ERR_URI_TOO_LONG && strlen(query) > LIMIT_QUERY));
	check_as_value(data, size);
	arena_reset(arena);
	free(query);
	return 0;
}
