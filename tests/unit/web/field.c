/* Inputs by table, read from JSON, from pairs, from a query, from a body. What comes out is shown as text,
 * each value that is set as "name=value;". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "support/memory_request.h"
#include "web/field.h"
#include "support/test.h"

struct values {
	const char *text, *line, *word;
	struct field_int whole, any;
	struct field_bool flag;
	const struct json *object;
	struct field_lines lines;
};

static const char *const words[] = {"asc", "desc", NULL};
static const struct field fields[] = {
    {"text", FIELD_TEXT, offsetof(struct values, text), .min = 2, .max = 5},
    {"line", FIELD_LINE, offsetof(struct values, line), .max = 5},
    {"word", FIELD_WORD, offsetof(struct values, word), .words = words},
    {"int", FIELD_INT, offsetof(struct values, whole), .min = -10, .max = 100},
    {"any", FIELD_INT, offsetof(struct values, any), .min = INT64_MIN, .max = INT64_MAX},
    {"bool", FIELD_BOOL, offsetof(struct values, flag)},
    {"object", FIELD_OBJECT, offsetof(struct values, object), .max = 10},
    {"lines", FIELD_LINES, offsetof(struct values, lines), .min = 1, .max = 2},
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };
static const struct field must[] = {
    {"must", FIELD_LINE, offsetof(struct values, line), .required = true, .max = 5}};

static const char *
show(const struct values *values, struct arena *arena)
{
	struct buf out;

	buf_init(&out, 10000);
	if (values->text)
		buf_addf(&out, "text=%s;", values->text);
	if (values->line)
		buf_addf(&out, "line=%s;", values->line);
	if (values->word)
		buf_addf(&out, "word=%s;", values->word);
	if (values->whole.set)
		buf_addf(&out, "int=%" PRId64 ";", values->whole.value);
	if (values->any.set)
		buf_addf(&out, "any=%" PRId64 ";", values->any.value);
	if (values->flag.set)
		buf_addf(&out, "bool=%d;", values->flag.value);
	if (values->object)
		buf_addf(&out, "object=%s;", json_text(arena, values->object));
	for (size_t i = 0; i < values->lines.count; i++)
		buf_addf(&out, "lines=%s;", values->lines.items[i]);
	const char *text = arena_strdup(arena, buf_str(&out));
	assert_false(out.failed);
	buf_free(&out);
	return text;
}

struct row {
	const char *input;
	const char *shown; /* NULL = refused */
	const char *field; /* which the refusal names */
	bool nameless;     /* the name cannot be shown */
};

static void
check(const struct row *row, const struct err *err, const struct values *values, struct arena *arena)
{
	const char *shown = show(values, arena);

	if (row->shown ? err->code != ERR_OK || strcmp(shown, row->shown) != 0
	               : err->code != (row->field || row->nameless ? ERR_BAD_FIELD : ERR_BAD_REQUEST) ||
	                     strcmp(err->field ? err->field : "", row->field ? row->field : "") != 0 ||
	                     err->detail[0] == '\0' || strcmp(shown, "") != 0)
		fail_msg("%s gave \"%s\", error %d at %s: %s", row->input, shown, (int)err->code,
		         err->field ? err->field : "nothing", err->detail);
}

TEST(test_json)
{
	static const struct row rows[] = {
	    {"{}", ""},
	    {"{\"other\":{}}", NULL, "other"},
	    {"{\"text\":\"ab\",\"Text\":\"abc\"}", NULL, "Text"},
	    {"{\"texts\":1}", NULL, "texts"},
	    {"{\"other\":false}", NULL, "other"},
	    {"{\"\":1}", NULL, NULL, true},
	    {"{\"\\u0001\":1}", NULL, NULL, true},
	    {"{\"n\":1}", NULL, "n"}, /* of creations only */
	    {"{\"other\":null,\"another\":\"\",\"third\":[]}", ""},
	    {"{\"text\":null,\"line\":null,\"word\":null,\"int\":null,\"bool\":null,\"object\":null,"
	     "\"lines\":null}",
	     ""},
	    {"{\"text\":\"ab\"}", "text=ab;"},
	    {"{\"text\":\"\\t\\r\\n\"}", "text=\t\r\n;"},
	    {"{\"text\":\"\xE4\xBB\xBB\xE5\x8A\xA1\\uD83C\\uDFA5yz\"}",
	     "text=\xE4\xBB\xBB\xE5\x8A\xA1\xF0\x9F\x8E\xA5yz;"},
	    {"{\"text\":\"\"}", NULL, "text"},
	    {"{\"text\":\"\xE4\xBB\xBB\"}", NULL, "text"},
	    {"{\"text\":\"abcdef\"}", NULL, "text"},
	    {"{\"text\":\"a\\u0001\"}", NULL, "text"},
	    {"{\"text\":\"a\\u007F\"}", NULL, "text"},
	    {"{\"text\":12}", NULL, "text"},
	    {"{\"text\":[\"ab\"]}", NULL, "text"},
	    {"{\"line\":\"\"}", "line=;"},
	    {"{\"line\":\"a b\"}", "line=a b;"},
	    {"{\"line\":\"a\\tb\"}", NULL, "line"},
	    {"{\"line\":\"a\\n\"}", NULL, "line"},
	    {"{\"line\":\"\\ra\"}", NULL, "line"},
	    {"{\"line\":true}", NULL, "line"},
	    {"{\"word\":\"desc\"}", "word=desc;"},
	    {"{\"word\":\"DESC\"}", NULL, "word"},
	    {"{\"word\":\"\"}", NULL, "word"},
	    {"{\"word\":\"asc, desc\"}", NULL, "word"},
	    {"{\"word\":0}", NULL, "word"},
	    {"{\"int\":-10}", "int=-10;"},
	    {"{\"int\":1e2}", "int=100;"},
	    {"{\"int\":\"007\"}", "int=7;"},
	    {"{\"int\":\"-0\"}", "int=0;"},
	    {"{\"int\":-11}", NULL, "int"},
	    {"{\"int\":101}", NULL, "int"},
	    {"{\"int\":1.5}", NULL, "int"},
	    {"{\"int\":\"\"}", NULL, "int"},
	    {"{\"int\":\"-\"}", NULL, "int"},
	    {"{\"int\":\"+1\"}", NULL, "int"},
	    {"{\"int\":\" 1\"}", NULL, "int"},
	    {"{\"int\":\"1 \"}", NULL, "int"},
	    {"{\"int\":\"0x1\"}", NULL, "int"},
	    {"{\"int\":\"1.0\"}", NULL, "int"},
	    {"{\"int\":true}", NULL, "int"},
	    {"{\"any\":9007199254740991}", "any=9007199254740991;"},
	    {"{\"any\":9007199254740992}", NULL, "any"},
	    {"{\"any\":\"9223372036854775807\"}", "any=9223372036854775807;"},
	    {"{\"any\":\"-9223372036854775808\"}", "any=-9223372036854775808;"},
	    {"{\"any\":\"9223372036854775808\"}", NULL, "any"},
	    {"{\"any\":\"-9223372036854775809\"}", NULL, "any"},
	    {"{\"bool\":false}", "bool=0;"},
	    {"{\"bool\":true}", "bool=1;"},
	    {"{\"bool\":1}", NULL, "bool"},
	    {"{\"bool\":\"true\"}", NULL, "bool"},
	    {"{\"object\":{}}", "object={};"},
	    {"{\"object\": { \"a\" : \"23\" } }", "object={\"a\":\"23\"};"},
	    {"{\"object\":{\"a\":\"234\"}}", NULL, "object"},
	    {"{\"object\":[]}", NULL, "object"},
	    {"{\"object\":\"{}\"}", NULL, "object"},
	    {"{\"lines\":[\"a\"]}", "lines=a;"},
	    {"{\"lines\":[\"a\",\"a\"]}", "lines=a;lines=a;"},
	    {"{\"lines\":[]}", NULL, "lines"},
	    {"{\"lines\":[\"a\",\"b\",\"c\"]}", NULL, "lines"},
	    {"{\"lines\":[\"\"]}", NULL, "lines"},
	    {"{\"lines\":[\"a\\n\"]}", NULL, "lines"},
	    {"{\"lines\":[\"a\",1]}", NULL, "lines"},
	    {"{\"lines\":{\"a\":\"b\"}}", NULL, "lines"},
	    {"{\"lines\":\"a\"}", NULL, "lines"},
	    {"{\"bool\":true,\"int\":1,\"line\":\"x\"}", "line=x;int=1;bool=1;"},
	};
	struct arena *arena = arena_new();

	assert_non_null(arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct values values = {0};
		const struct json *root = NULL;

		if (json_parse(arena, rows[i].input, strlen(rows[i].input), &root) != ERR_OK)
			fail_msg("no JSON: %s", rows[i].input);
		struct err err = field_read_json(fields, FIELDS, root, arena, &values);
		check(&rows[i], &err, &values, arena);
	}
	arena_free(arena);
}

TEST(test_query)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"&&&", ""},
	    {"=", ""},
	    {"=3&=4", ""},
	    {"other=1", NULL, "other"},
	    {"text=ab&other=", NULL, "other"},
	    {"other", NULL, "other"},
	    {"%FF=1", NULL, NULL, true},
	    {"_=1&utm_source=x&api-version=2025-01-01&text=ab", "text=ab;"},
	    {"object[a]=1", NULL, "object[a]"},
	    {"text&line&word=&int=&bool=&object=", ""},
	    {"text=ab", "text=ab;"},
	    {"&text=ab&", "text=ab;"},
	    {"t%65xt=ab", "text=ab;"},
	    {"text=a+b%2B%26", "text=a b+&;"},
	    {"text=a=b=", "text=a=b=;"},
	    {"text=%E4%bb%BB%0A", "text=\xE4\xBB\xBB\n;"},
	    {"Text=ab", NULL, "Text"},
	    {"text=a", NULL, "text"},
	    {"text=abcdef", NULL, "text"},
	    {"text=ab&text=ab", NULL, "text"},
	    {"text=&text=ab", NULL, "text"},
	    {"text&text", NULL, "text"},
	    {"text=ab%00", NULL, "text"},
	    {"text=%FF%FE", NULL, "text"},
	    {"text=a%7Fb", NULL, "text"},
	    {"line=a%0Ab", NULL, "line"},
	    {"line=%09", NULL, "line"},
	    {"word=asc", "word=asc;"},
	    {"word=asc%00", NULL, "word"},
	    {"word=asc+", NULL, "word"},
	    {"int=-10&any=-9223372036854775808", "int=-10;any=-9223372036854775808;"},
	    {"any=9223372036854775808", NULL, "any"},
	    {"int=1%00", NULL, "int"},
	    {"int=+1", NULL, "int"},
	    {"int=101", NULL, "int"},
	    {"bool=1", "bool=1;"},
	    {"bool=true", "bool=1;"},
	    {"bool=0", "bool=0;"},
	    {"bool=false", "bool=0;"},
	    {"bool=yes", NULL, "bool"},
	    {"bool=01", NULL, "bool"},
	    {"object={%22a%22:+2}", "object={\"a\":2};"},
	    {"object={%22a%22:%20%20%20%202}", NULL, "object"},
	    {"object={", NULL, "object"},
	    {"object=[]", NULL, "object"},
	    {"object=%00", NULL, "object"},
	    {"lines=a", NULL, "lines"},
	    /* no query at all */
	    {"%", NULL, NULL},
	    {"text=%", NULL, NULL},
	    {"text=%4", NULL, NULL},
	    {"text=ab%4&line=a", NULL, NULL},
	    {"text=%G0", NULL, NULL},
	    {"text=%0G", NULL, NULL},
	    {"%4=a", NULL, NULL},
	    {"%4%31=a", NULL, NULL},
	    {"other=%zz", NULL, NULL},
	    {"text%00=ab", NULL, NULL},
	    {"text%00x=ab", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memory_request memory;
		struct values values = {0};

		memory_request_init(&memory, "", "", 0);
		memory.request.query = rows[i].input;
		struct err err = field_read_query(fields, FIELDS, &memory.request, &values);
		check(&rows[i], &err, &values, memory.request.arena);
		memory_request_free(&memory);
	}
}

/* The query of `count` times `pair`, each behind an ampersand but the first. */
static enum err_code
read_many(const char *pair, size_t count)
{
	struct memory_request memory;
	struct values values = {0};
	struct buf query;

	buf_init(&query, 1000000);
	for (size_t i = 0; i < count; i++)
		buf_addf(&query, "%s%s", i > 0 ? "&" : "", pair);
	memory_request_init(&memory, "", "", 0);
	memory.request.query = buf_str(&query);
	enum err_code code = field_read_query(fields, FIELDS, &memory.request, &values).code;
	memory_request_free(&memory);
	buf_free(&query);
	return code;
}

TEST(test_query_ceilings)
{
	assert_int_equal(read_many("_=b", LIMIT_QUERY_PAIRS), ERR_OK);
	assert_int_equal(read_many("a=b", LIMIT_QUERY_PAIRS + 1), ERR_BAD_REQUEST);
	assert_int_equal(read_many("", LIMIT_QUERY_PAIRS + 1), ERR_OK);
	assert_int_equal(read_many("", LIMIT_QUERY_PAIRS + 2), ERR_BAD_REQUEST);
	assert_int_equal(read_many("1234567", (LIMIT_QUERY + 1) / 8 + 1), ERR_URI_TOO_LONG);
}

TEST(test_required)
{
	static const struct {
		const char *json;
		struct field_pair pair;
		enum err_code json_code, pair_code;
	} rows[] = {
	    {"{}", {"other", "", 0}, ERR_BAD_FIELD, ERR_BAD_FIELD},
	    {"{\"must\":null}", {"Must", "", 0}, ERR_BAD_FIELD, ERR_BAD_FIELD},
	    {"{\"must\":\"\"}", {"must", "", 0}, ERR_OK, ERR_BAD_FIELD},
	    {"{\"must\":\"a\"}", {"must", "a", 1}, ERR_OK, ERR_OK},
	    {"[]", {"must", "\0", 1}, ERR_BAD_FIELD, ERR_BAD_FIELD},
	};
	struct arena *arena = arena_new();

	assert_non_null(arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct values values = {0};
		const struct json *root = NULL;

		assert_int_equal(json_parse(arena, rows[i].json, strlen(rows[i].json), &root), ERR_OK);
		struct err err = field_read_json(must, 1, root, arena, &values);
		assert_int_equal(err.code, rows[i].json_code);
		if (err.code != ERR_OK)
			assert_string_equal(err.field, "must");
		err = field_read_pairs(must, 1, &rows[i].pair, 1, arena, &values);
		assert_int_equal(err.code, rows[i].pair_code);
		if (err.code != ERR_OK)
			assert_string_equal(err.field, "must");
	}
	assert_int_equal(field_read_pairs(must, 1, NULL, 0, arena, NULL).code, ERR_BAD_FIELD);
	arena_free(arena);
}

/* A creation may say more than its table, and one's own fields come in more than one form. */
TEST(test_what_else_is_known)
{
	static const struct field creation[] = {
	    {"image", FIELD_OWN, 0, .max = 1}, {"video", FIELD_OWN, 0}, {.kind = FIELD_HARMLESS}};
	static const struct field others[] = {{.kind = FIELD_OTHERS}};
	static const struct {
		const char *name, *value;
		bool json, form; /* whether it is known */
	} rows[] = {
	    {"image", "7", true, true},      {"image[url]", "7", false, true}, {"images", "7", false, false},
	    {"video", "7", true, true},      {"video[id]", "7", false, false}, {"user", "\"x\"", true, true},
	    {"stream", "false", true, true}, {"stream", "true", false, false}, {"n", "1", true, true},
	    {"n", "\"1\"", true, false},     {"n", "2", false, false},         {"seed", "1", false, false},
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = arena_printf(arena, "{\"%s\":%s}", rows[i].name, rows[i].value);
		struct field_pair pair = {rows[i].name, rows[i].value, strlen(rows[i].value)};
		const struct json *object;
		int none;

		assert_int_equal(json_parse(arena, text, strlen(text), &object), ERR_OK);
		if ((field_read_json(creation, 3, object, arena, &none).code == ERR_OK) != rows[i].json ||
		    (field_read_pairs(creation, 3, &pair, 1, arena, &none).code == ERR_OK) != rows[i].form)
			fail_msg("%s", text);
		assert_int_equal(field_read_json(others, 1, object, arena, &none).code, ERR_OK);
		assert_int_equal(field_read_pairs(others, 1, &pair, 1, arena, &none).code, ERR_OK);
	}
	arena_free(arena);
}

/* Names of the same field; and what asks for nothing in a creation. */
TEST(test_names_of_the_same_field)
{
	struct values {
		const char *text;
		struct field_int number;
		struct field_bool flag;
	};
	static const struct field rows[] = {
	    {"a_text", FIELD_TEXT, offsetof(struct values, text), .min = 1, .max = 9},
	    {"aText", FIELD_TEXT, offsetof(struct values, text), .min = 1, .max = 9},
	    {"number", FIELD_INT, offsetof(struct values, number), .min = -9, .max = 9},
	    {"no", FIELD_INT, offsetof(struct values, number), .min = -9, .max = 9},
	    {"flag", FIELD_BOOL, offsetof(struct values, flag)},
	    {"flagged", FIELD_BOOL, offsetof(struct values, flag)},
	    {.kind = FIELD_HARMLESS},
	};
	static const struct {
		const char *json, *bad; /* the field of the error, or NULL */
	} tries[] = {
	    {"{\"aText\":\"x\",\"no\":-1,\"flagged\":false}", NULL},
	    {"{\"a_text\":\"x\",\"aText\":\"x\",\"number\":-1,\"no\":\"-1\",\"flag\":false,\"flagged\":"
	     "false}",
	     NULL},
	    {"{\"a_text\":\"x\",\"aText\":\"\",\"number\":-1,\"no\":[],\"flag\":false,\"flagged\":null}",
	     NULL},
	    {"{\"a_text\":\"x\",\"aText\":\"y\"}", "aText"},
	    {"{\"number\":0,\"no\":1}", "no"},
	    {"{\"flag\":false,\"flagged\":true}", "flagged"},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		const struct json *object;
		struct values values = {0};
		assert_int_equal(json_parse(arena, tries[i].json, strlen(tries[i].json), &object), ERR_OK);
		struct err err =
		    field_read_json(rows, sizeof(rows) / sizeof(rows[0]), object, arena, &values);
		if (tries[i].bad != NULL) {
			assert_int_equal(err.code, ERR_BAD_FIELD);
			assert_string_equal(err.field, tries[i].bad);
			continue;
		}
		assert_int_equal(err.code, ERR_OK);
		assert_string_equal(values.text, "x");
		assert_true(values.number.set && values.number.value == -1);
		assert_true(values.flag.set && !values.flag.value);
	}
	static const struct field_pair pairs[] = {{"a_text", "x", 1}, {"aText", "y", 1}};
	struct values values = {0};
	assert_string_equal(field_read_pairs(rows, 7, pairs, 2, arena, &values).field, "aText");
	arena_free(arena);
}

/* Of a call that takes none. */
TEST(test_no_body)
{
	static const struct {
		const char *type, *body;
		enum err_code code;
	} rows[] = {
	    {"application/json", "{}", ERR_OK},
	    {"application/json", "{\"prompt\":\"x\"}", ERR_BAD_FIELD},
	    {"application/json", "x", ERR_BAD_JSON},
	    {"multipart/form-data; boundary=x", "--x--", ERR_BAD_CONTENT_TYPE},
	    {"application/x-www-form-urlencoded", "{}", ERR_OK},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memory_request memory;

		memory_request_init(&memory, rows[i].type, rows[i].body, strlen(rows[i].body));
		assert_int_equal(field_refuse_body(&memory.request).code, rows[i].code);
		memory_request_free(&memory);
	}
}

TEST(test_body)
{
	static const struct {
		const char *type, *body;
		int64_t missing; /* bytes that were promised and never come */
		enum err_code code;
	} rows[] = {
	    {"application/json", "{\"a\":1}", 0, ERR_OK},
	    {"Application/JSON; charset=utf-8", " {\"a\":1}\n", 0, ERR_OK},
	    {"", "{}", 0, ERR_BAD_CONTENT_TYPE},
	    {"text/plain", "{}", 0, ERR_BAD_CONTENT_TYPE},
	    {"application/jsonl", "{}", 0, ERR_BAD_CONTENT_TYPE},
	    {"application/json", "", 0, ERR_BAD_JSON},
	    {"application/json", "\xEF\xBB\xBF{\"a\":1}", 0, ERR_OK},
	    {"application/json", "\xEF\xBB\xBF\xEF\xBB\xBF{\"a\":1}", 0, ERR_BAD_JSON},
	    {"application/json", "{\"a\":\"\xC4\xE3\"}", 0, ERR_BAD_JSON},
	    {"application/json", "\x1F\x8B\x08", 0, ERR_BAD_CONTENT_ENCODING},
	    {"application/json", "{\"a\":1", 0, ERR_BAD_JSON},
	    {"application/json", "{\"a\":1,\"a\":1}", 0, ERR_BAD_JSON},
	    {"application/json", "[]", 0, ERR_BAD_JSON},
	    {"application/json", "null", 0, ERR_BAD_JSON},
	    {"application/json", "{\"a\":1}", 1, ERR_BAD_REQUEST},
	    {"application/json", "{\"a\":1}", LIMIT_JSON_BODY, ERR_TOO_LARGE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memory_request memory;
		const struct json *object = NULL;

		memory_request_init(&memory, rows[i].type, rows[i].body, strlen(rows[i].body));
		memory.request.content_length += rows[i].missing;
		memory.piece = 3;
		if (field_read_body(&memory.request, &object).code != rows[i].code)
			fail_msg("row %zu: %s", i, rows[i].body);
		assert_int_equal(json_type(object), rows[i].code == ERR_OK ? JSON_OBJECT : JSON_NULL);
		memory_request_free(&memory);
	}
}

/* One byte too many where no length was stated. */
TEST(test_body_ceiling)
{
	char *body = malloc(LIMIT_JSON_BODY + 1);

	assert_non_null(body);
	memset(body, ' ', LIMIT_JSON_BODY + 1);
	memcpy(body, "{}", 2);
	for (size_t more = 0; more < 2; more++) {
		struct memory_request memory;
		const struct json *object;

		memory_request_init(&memory, "application/json", body, LIMIT_JSON_BODY + more);
		memory.request.content_length = -1;
		assert_int_equal(field_read_body(&memory.request, &object).code,
		                 more ? ERR_TOO_LARGE : ERR_OK);
		memory_request_free(&memory);
	}
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_query_ceilings),
	    cmocka_unit_test(test_required),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_what_else_is_known),
	    cmocka_unit_test(test_no_body),
	    cmocka_unit_test(test_body_ceiling),
	    cmocka_unit_test(test_names_of_the_same_field),
	};
	return cmocka_run_group_tests_name("web/field", tests, NULL, NULL);
}
