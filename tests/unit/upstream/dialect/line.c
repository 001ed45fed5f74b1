/* What is said of a profile that is wrong: in which line, and what would be right. */
#include <stdio.h>
#include <string.h>

#include "support/test.h"
#include "support/tmpdir.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/line.h"

static char why[512];

static const char text[] = "{\n"                           /* 1 */
                           " \"a\": {\"x\": \"}\\\"{\",\n" /* 2 */
                           "  \"b.c\": [1, [2],\n"         /* 3 */
                           "   {\"d\": true,\n"            /* 4 */
                           "    \"e\":\n"                  /* 5 */
                           "      null}],\n"               /* 6 */
                           "  \"b\": {\"c\": 1}},\n"       /* 7 */
                           " \"f\": 1}";                   /* 8 */

TEST(a_key_has_its_line)
{
	static const struct {
		const char *path;
		size_t line;
	} rows[] = {
	    {"", 1},          {"a", 2},   {"a.x", 2}, {"a.b.c", 3},  {"a.b.c.1", 3}, {"a.b.c.2.d", 4},
	    {"a.b.c.2.e", 5}, {"a.b", 7}, {"f", 8},   {"a.none", 2}, {"none", 1},    {"a.b.c.2.none", 4},
	    {"f.none", 8},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (line_of_key(text, sizeof(text) - 1, rows[i].path) != rows[i].line)
			fail_msg("%s: %zu", rows[i].path, line_of_key(text, sizeof(text) - 1, rows[i].path));
}

#define HEAD "{\"auth\":{\"header\":\"A\"},\n"
#define SUBMIT                                                                                               \
	"\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},\n"
#define POLL   "\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},\n"
#define ANSWER "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"video_url\":[\"/u\"]},\n"
#define WORDS  "\"words\":{\"completed\":[\"a\"],\"failed\":[\"b\"]}\n}"

TEST(a_fault_is_told_with_its_line)
{
	static const char *const rows[][2] = {
	    {"", "test: is not valid JSON"},
	    {"{\n\n\"a\": tru\n}", "test:3: is not valid JSON from here on"},
	    {"{\"a\":1,\n\"b\":2", "test:2: is not valid JSON from here on"},
	    {"{\"a\":1,\"a\":2}", "test:1: has \"a\" a second time in one object"},
	    {"{\"a\":{\"b\":\"c\"},\n\"b\":[{\"c\":1},{\"c\":\"b\",\n\"c\":2}]}",
	     "test:3: has \"c\" a second time in one object"},
	    {"{\"a\":\"\xff\"}", "test: is not valid JSON: a character is no UTF-8"},
	    {HEAD SUBMIT POLL ANSWER "\"words\":{\"completed\":[\"a\"],\n\"failed\":[\"b c\"]}}",
	     "test:6: words.failed holds \"b c\", which is no one word"},
	    {HEAD SUBMIT "\"poll\":{\n\"path\":\"/v\",\n\"accepted\":[404]},\n" ANSWER WORDS,
	     "test:5: poll.accepted must hold codes from 200 to 299"},
	    {HEAD SUBMIT POLL "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"]},\n" WORDS,
	     "test:4: answer.video_url is missing, and so are answer.video_base64 and content.path"},
	    {HEAD SUBMIT POLL ANSWER "\"words\":{\"completed\":[\"a\"]}}", "test:5: words.failed is missing"},
	    {HEAD "\"submit\":{\"path\":\"/"
	          "v\",\"body\":\"json\",\"accepted\":[200],\n\"fields\":{\"prompt\":\"p\",\n\"size\":"
	          "[{\"name\":\"s\",\"if\":\"image\"},\n{\"name\":\"s\",\n\"type\":\"big\"}]}},\n" POLL ANSWER
	              WORDS,
	     "test:6: submit.fields.size.1.type is unknown; there are \"1280x720\""},
	    {"{\"auth\":{\"header\":\"A\",\n\"prefix\":\"Bearer\"},\n" SUBMIT POLL ANSWER WORDS,
	     "test:2: auth.prefix must end with a blank: \"Bearer \""},
	    {"{\"auth\":{\"header\":\"X:Y\"},\n" SUBMIT POLL ANSWER WORDS,
	     "test:1: auth.header must be the name of a header, like \"X-Api-Key\""},
	    {HEAD "\"headers\":{\"authorization\":\"x\"},\n" SUBMIT POLL ANSWER WORDS,
	     "test:2: headers.authorization is a header that longreel writes itself"},
	    {HEAD "\"headers\":{\"Content-Type\":\"x\"},\n" SUBMIT POLL ANSWER WORDS,
	     "test:2: headers.Content-Type is a header that longreel writes itself"},
	    {HEAD "\"headers\":{\"X:Y\":\"x\"},\n" SUBMIT POLL ANSWER WORDS,
	     "test:2: headers.X:Y is no name of a header"},
	    {HEAD POLL ANSWER WORDS, "test:1: submit is missing"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dialect *d = dialect_parse("test", rows[i][0], strlen(rows[i][0]), why, sizeof(why));
		if (d != NULL || strstr(why, rows[i][1]) == NULL)
			fail_msg("%s\ngave: %s", rows[i][0], why);
	}
}

/* A sentence goes to terminals and into JSON: what it quotes of the file is made fit, also where it is cut.
 */
TEST(a_sentence_is_printable)
{
	static const char *const rows[][2] = {
	    {"{\"a\\u001b[2J\\u009b\":1}", "test:1: a?[2J?? is an unknown key"},
	    {"{\"a\x7f\":1,\"a\x7f\":2}", "test:1: has \"a?\" a second time"},
	    {"{\"\u5b8c\u6210\":1}", "test:1: \u5b8c\u6210 is an unknown key"},
	    {"{\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\u5b8c\":1}", "xxx?? is an unknown key"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(dialect_parse("test", rows[i][0], strlen(rows[i][0]), why, sizeof(why)));
		if (strstr(why, rows[i][1]) == NULL)
			fail_msg("%s\ngave: %s", rows[i][0], why);
	}
}

TEST(a_profile_that_is_absent_is_told_with_both_folders)
{
	char *dir = tmpdir_make();
	char wanted[300];
	assert_null(dialect_load_for(dir, "conf/dialects", "absent", why, sizeof(why)));
	snprintf(wanted, sizeof(wanted),
	         "absent: %s/dialects/absent.json does not exist, nor conf/dialects/absent.json", dir);
	assert_non_null(strstr(why, wanted));
	struct dialect *d = dialect_load_for(dir, "conf/dialects", "openai", why, sizeof(why));
	assert_non_null(d);
	dialect_free(d);
	assert_null(dialect_load_for(dir, "conf/dialects", "../dialects/openai", why, sizeof(why)));
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_has_its_line),
	    cmocka_unit_test(a_fault_is_told_with_its_line),
	    cmocka_unit_test(a_sentence_is_printable),
	    cmocka_unit_test(a_profile_that_is_absent_is_told_with_both_folders),
	};
	return cmocka_run_group_tests_name("upstream/dialect/line", tests, NULL, NULL);
}
