/* Reading JSON: what must be refused (most of which cJSON would take), what must be taken, and how a
 * tree is walked and written again. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "support/test.h"

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Parses a copy of exactly `len` bytes, so that a look behind the end is found by the sanitizer. */
static enum err_code
parse(const char *bytes, size_t len, const struct json **ret_root)
{
	char *copy = malloc(len + !len);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	enum err_code code = json_parse(arena, copy, len, ret_root);
	free(copy);
	return code;
}

static const struct json *
good(const char *text)
{
	const struct json *root = NULL;

	if (parse(text, strlen(text), &root) != ERR_OK)
		fail_msg("refused: %s", text);
	return root;
}

TEST(test_refused)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "\n",
	    "{",
	    "}",
	    "[",
	    "]",
	    "[1",
	    "[1,",
	    "[1,]",
	    "[,1]",
	    "[1 2]",
	    "[1]]",
	    "[]x",
	    "[] []",
	    "{}{}",
	    "{\"a\"}",
	    "{\"a\":}",
	    "{\"a\":1,}",
	    "{,}",
	    "{a:1}",
	    "{'a':1}",
	    "{\"a\" 1}",
	    "{1:2}",
	    "{\"a\":1 \"b\":2}",
	    "{\"a\":1}}",
	    "[1}",
	    "{\"a\":1]",
	    "{null:1}",
	    /* words */
	    "tru",
	    "truex",
	    "True",
	    "nul",
	    "nulll",
	    "NaN",
	    "Infinity",
	    "-Infinity",
	    "undefined",
	    "nan",
	    /* numbers */
	    "01",
	    "-01",
	    "00",
	    "+1",
	    "-",
	    "--1",
	    "1.",
	    ".5",
	    "-.5",
	    "1e",
	    "1e+",
	    "1E-",
	    "1.e1",
	    "0x10",
	    "1_000",
	    "1-2",
	    "1.2.3",
	    "1e5.5",
	    "1e999",
	    "-1e999",
	    "[1e400]",
	    "1,",
	    "12a",
	    /* strings */
	    "\"",
	    "\"a",
	    "\"\\\"",
	    "\"\\x\"",
	    "\"\\u\"",
	    "\"\\u12\"",
	    "\"\\u12G4\"",
	    "\"\\u+123\"",
	    "\"\\u 123\"",
	    "\"\\'\"",
	    "\"\\a\"",
	    "\"\\U0041\"",
	    "'a'",
	    "\"a\nb\"",
	    "\"a\tb\"",
	    "\"\x01\"",
	    "\"\x1F\"",
	    "\"a\"b",
	    /* U+0000 and surrogates */
	    "\"\\u0000\"",
	    "\"a\\u0000b\"",
	    "{\"a\\u0000b\":1}",
	    "\"\\uD800\"",
	    "\"\\uDBFF\"",
	    "\"\\uDC00\"",
	    "\"\\uDFFF\"",
	    "\"\\uD800\\uD800\"",
	    "\"\\uD800x\"",
	    "\"\\uD800\\n\"",
	    "\"\\uD83C\\u0041\"",
	    "\"\\uDC00\\uD800\"",
	    "\"\\uD83C\\",
	    /* blanks that are none, a byte order mark, comments */
	    "\f1",
	    "\v1",
	    "[1\x01]",
	    "\xC2\xA0[]",
	    "\xEF\xBB\xBF{}",
	    "/* */1",
	    "1 // one",
	    "{\"a\":/**/1}",
	    /* not UTF-8 */
	    "\"\xFF\"",
	    "\"\xC0\x80\"",
	    "\"\xED\xA0\x80\"",
	    "\"\xE4\xBB\"",
	    "\"\xF4\x90\x80\x80\"",
	    "{\"\x80\":1}",
	    "\xFF",
	    /* a member twice */
	    "{\"a\":1,\"a\":1}",
	    "{\"a\":1,\"b\":2,\"a\":3}",
	    "{\"\":1,\"\":2}",
	    "{\"a\":1,\"\\u0061\":2}",
	    "[{\"x\":{\"k\":1,\"k\":1}}]",
	    "{\"prompt\":\"a\",\"model\":\"b\",\"prompt\":\"c\"}",
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct json *root = NULL;

		if (parse(rows[i], strlen(rows[i]), &root) != ERR_BAD_JSON || root)
			fail_msg("taken: %s", rows[i]);
	}
}

TEST(test_nul_bytes_are_refused)
{
	const struct json *root = NULL;

	assert_int_equal(parse("\0", 1, &root), ERR_BAD_JSON);
	assert_int_equal(parse("{}\0", 3, &root), ERR_BAD_JSON);
	assert_int_equal(parse("\"a\0b\"", 5, &root), ERR_BAD_JSON);
	assert_int_equal(parse("[1,\0]", 5, &root), ERR_BAD_JSON);
	assert_int_equal(parse("\"\\\0\"", 4, &root), ERR_BAD_JSON);
	assert_null(root);
}

/* Every text that breaks off is refused, wherever it does, and is not read past its end. */
TEST(test_every_prefix_is_refused)
{
	static const char text[] =
	    "{\"a\":[true,false,null,-1.5e+3,\"\\uD83C\\uDFA5\xE4\xBB\xBB\"],\"b\":{\"c\":{}}}";
	const struct json *root = NULL;

	for (size_t len = 0; len < sizeof text - 1; len++)
		assert_int_equal(parse(text, len, &root), ERR_BAD_JSON);
	assert_int_equal(parse(text, sizeof text - 1, &root), ERR_OK);
}

TEST(test_taken)
{
	static const char *const rows[][2] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {" \t\r\n1 \n", "1"},
	    {"null", "null"},
	    {"\"\"", "\"\""},
	    {"[]", "[]"},
	    {"{ }", "{}"},
	    {"[ [ ] , { } ]", "[[],{}]"},
	    {"{\"a\":1,\"A\":2,\"\":3}", "{\"a\":1,\"A\":2,\"\":3}"},
	    {"[true,false,null]", "[true,false,null]"},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\""},
	    {"\"\\u0041\\u00e9\\uD83C\\uDFA5\\uFFFF\"", "\"A\xC3\xA9\xF0\x9F\x8E\xA5\xEF\xBF\xBF\""},
	    {"\"\x7F\xE4\xBB\xBB\"", "\"\x7F\xE4\xBB\xBB\""},
	    {"[{\"k\":1},{\"k\":1}]", "[{\"k\":1},{\"k\":1}]"},
	    {"1.5", "1.5"},
	    {"0.1", "0.1"},
	    {"1E2", "100"},
	    {"1e+2", "100"},
	    {"123456789012345678", "1.2345678901234568e+17"},
	    {"1e300", "1e+300"},
	    {"1e-999", "0"},
	    {"2147483648", "2147483648"},
	    {"1000000000000000", "1000000000000000"},
	    {"9007199254740991", "9007199254740991"},
	    {"-9007199254740991", "-9007199254740991"},
	    {"0.30000000000000004", "0.30000000000000004"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = json_text(arena, good(rows[i][0]));

		assert_non_null(text);
		assert_string_equal(text, rows[i][1]);
	}
}

/* `depth` opened containers, and as many closed. */
static enum err_code
parse_nested(char *text, size_t depth, char open, char close)
{
	const struct json *root;

	memset(text, open, depth);
	memset(text + depth, close, depth);
	return parse(text, 2 * depth, &root);
}

TEST(test_depth)
{
	size_t huge = LIMIT_JSON_BODY / 2;
	char *text = malloc(2 * huge);
	const struct json *root;

	assert_non_null(text);
	assert_int_equal(parse_nested(text, LIMIT_JSON_DEPTH, '[', ']'), ERR_OK);
	assert_int_equal(parse_nested(text, LIMIT_JSON_DEPTH + 1, '[', ']'), ERR_BAD_JSON);
	assert_int_equal(parse_nested(text, huge, '[', ']'), ERR_BAD_JSON);
	assert_int_equal(parse_nested(text, huge, '{', '}'), ERR_BAD_JSON);
	assert_int_equal(parse(text, huge, &root), ERR_BAD_JSON);
	for (size_t i = 0; i + 5 <= huge; i += 5)
		memcpy(text + i, "{\"\":[", 5);
	assert_int_equal(parse(text, huge / 5 * 5, &root), ERR_BAD_JSON);
	/* Brackets one beside the other are not deep. */
	text[0] = '[';
	for (size_t i = 1; i + 3 <= 30000; i += 3)
		memcpy(text + i, "[],", 3);
	memcpy(text + 30000 - 2, "1]", 2);
	assert_int_equal(parse(text, 30000, &root), ERR_OK);
	free(text);
}

/* An object with as many members as a body holds, all names alike but for their ends: a search of each
 * among all would take minutes. */
TEST(test_very_many_members)
{
	enum { MEMBERS = LIMIT_JSON_VALUES - 1 };
	char *text = malloc(MEMBERS * 16 + 2);
	const struct json *root;
	size_t len = 0;

	assert_non_null(text);
	for (int i = 0; i < MEMBERS; i++)
		len += (size_t)snprintf(text + len, 17, "%c\"name%06d\":1", i ? ',' : '{', i);
	text[len] = '}';
	assert_int_equal(parse(text, len + 1, &root), ERR_OK);
	assert_int_equal(json_size(root), MEMBERS);
	memcpy(strstr(text, "name000001"), "name019998", 10);
	assert_int_equal(parse(text, len + 1, &root), ERR_BAD_JSON);
	free(text);
}

/* A megabyte of the shortest values would become forty of tree. */
TEST(test_too_many_values)
{
	enum { ZEROS = LIMIT_JSON_VALUES };
	char *text = malloc(2 * ZEROS + 2);
	const struct json *root;

	assert_non_null(text);
	for (size_t i = 0; i < ZEROS; i++)
		memcpy(text + 2 * i, ",0", 2);
	text[0] = '[';
	text[2 * ZEROS] = ']';
	assert_int_equal(parse(text, 2 * ZEROS + 1, &root), ERR_BAD_JSON);
	text[2 * ZEROS - 2] = ']';
	assert_int_equal(parse(text, 2 * ZEROS - 1, &root), ERR_OK);
	free(text);
}

TEST(test_values)
{
	const struct json *root =
	    good("{\"s\":\"text\",\"n\":2.5,\"i\":-7,\"t\":true,\"f\":false,\"z\":null,\"a\":[1,2]}");
	double number = 99;
	int64_t whole = 99;
	bool flag = true;

	assert_string_equal(json_string(json_get(root, "s")), "text");
	assert_null(json_string(json_get(root, "n")));
	assert_null(json_get(root, "S"));
	assert_null(json_get(json_get(root, "a"), ""));
	assert_null(json_get(json_get(root, "s"), "s"));
	assert_null(json_get(NULL, "s"));
	assert_true(json_number(json_get(root, "n"), &number) && number == 2.5);
	assert_false(json_number(json_get(root, "s"), &number));
	assert_true(json_integer(json_get(root, "i"), &whole) && whole == -7);
	assert_false(json_integer(json_get(root, "n"), &whole));
	assert_false(json_integer(json_get(root, "t"), &whole));
	assert_int_equal(whole, -7);
	assert_true(json_bool(json_get(root, "f"), &flag) && !flag);
	assert_true(json_bool(json_get(root, "t"), &flag) && flag);
	assert_false(json_bool(json_get(root, "i"), &flag));
	assert_int_equal(json_type(root), JSON_OBJECT);
	assert_int_equal(json_type(json_get(root, "a")), JSON_ARRAY);
	assert_int_equal(json_type(json_get(root, "s")), JSON_STRING);
	assert_int_equal(json_type(json_get(root, "i")), JSON_NUMBER);
	assert_int_equal(json_type(json_get(root, "f")), JSON_BOOL);
	assert_int_equal(json_type(json_get(root, "z")), JSON_NULL);
	assert_int_equal(json_type(NULL), JSON_NULL);
}

TEST(test_integers_are_exact_or_refused)
{
	int64_t whole = 0;

	assert_true(json_integer(good("9007199254740991"), &whole) && whole == 9007199254740991);
	assert_true(json_integer(good("-9007199254740991"), &whole) && whole == -9007199254740991);
	assert_true(json_integer(good("1e3"), &whole) && whole == 1000);
	assert_true(json_integer(good("5.0"), &whole) && whole == 5);
	assert_false(json_integer(good("9007199254740992"), &whole));
	assert_false(json_integer(good("9007199254740993"), &whole));
	assert_false(json_integer(good("-9007199254740993"), &whole));
	assert_false(json_integer(good("1e300"), &whole));
	assert_false(json_integer(good("0.5"), &whole));
	assert_false(json_integer(NULL, &whole));
}

TEST(test_walk)
{
	const struct json *root = good("{\"a\":1,\"b\":[true,{}]}");
	const struct json *member = json_first(root);

	assert_string_equal(json_name(member), "a");
	member = json_next(member);
	assert_string_equal(json_name(member), "b");
	assert_int_equal(json_size(member), 2);
	assert_null(json_name(json_first(member)));
	assert_null(json_next(member));
	assert_null(json_next(NULL));
	assert_null(json_first(NULL));
	assert_null(json_name(NULL));
	assert_null(json_first(good("\"abc\"")));
	assert_int_equal(json_size(good("{}")), 0);
	assert_int_equal(json_size(good("7")), 0);
	assert_int_equal(json_size(NULL), 0);
}

/* RFC 6901, section 5, and what must lead nowhere. */
TEST(test_pointer)
{
	const struct json *root =
	    good("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
	         "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"fo\":{\"0\":10}}");
	static const struct {
		const char *pointer;
		int64_t value;
	} rows[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2},  {"/e^f", 3}, {"/g|h", 4},  {"/i\\j", 5},
	            {"/k\"l", 6}, {"/ ", 7},    {"/m~0n", 8}, {"/~01", 9}, {"/fo/0", 10}};
	static const char *const nowhere[] = {"foo",     "/FOO",    "/foo/2",   "/foo/-",
	                                      "/foo/01", "/foo/",   "/foo/0/",  "/foo/+1",
	                                      "/foo/1a", "/foo/a1", "/foo/0/0", "/fo/00",
	                                      "/m~n",    "/m~2n",   "/a/b",     "/~",
	                                      "/fooo",   "/f",      "//",       "/foo/18446744073709551616",
	                                      "x/foo"};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t value = -1;

		assert_true(json_integer(json_pointer(root, rows[i].pointer), &value));
		assert_int_equal(value, rows[i].value);
	}
	assert_string_equal(json_string(json_pointer(root, "/foo/1")), "baz");
	assert_ptr_equal(json_pointer(root, ""), root);
	assert_null(json_pointer(NULL, ""));
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
		if (json_pointer(root, nowhere[i]))
			fail_msg("leads somewhere: %s", nowhere[i]);
	}
}

TEST(test_text_of_a_member_has_no_name)
{
	assert_string_equal(json_text(arena, json_get(good("{\"m\":{\"a\":[1]}}"), "m")), "{\"a\":[1]}");
	assert_string_equal(json_text(arena, NULL), "null");
}

TEST(a_fault_has_its_place)
{
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {{"", 0},    {"{}", 2},    {"{\"a\":tru}", 5},
	            {"[1,", 2}, {"[1] x", 4}, {"{\"a\":1,\"a\":1}", 13}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(json_fault(rows[i].text, strlen(rows[i].text)), rows[i].at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fault_has_its_place),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_nul_bytes_are_refused),
	    cmocka_unit_test(test_every_prefix_is_refused),
	    cmocka_unit_test(test_taken),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_very_many_members),
	    cmocka_unit_test(test_too_many_values),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_integers_are_exact_or_refused),
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_pointer),
	    cmocka_unit_test(test_text_of_a_member_has_no_name),
	};

	return cmocka_run_group_tests_name("base/json", tests, set_up, tear_down);
}
