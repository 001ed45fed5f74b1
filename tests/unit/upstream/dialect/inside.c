/* Videos out of answers in JSON, wherever the pieces of the answer end. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/inside.h"
#include "support/test.h"

static const char profile[] =
    "{\"auth\":{\"header\":\"X-Key\"},"
    "\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},"
    "\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},"
    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],"
    "\"video_base64\":[\"/response/videos/0/bytes\",\"/a~1b/1/~0\"]},"
    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";

struct got {
	int heads;
	char type[64];
	char data[256];
	size_t len;
	int64_t all;
};

static struct arena *arena;
static struct dialect *dialect;

static int
set_up(void **state)
{
	char why[256];
	(void)state;
	arena = arena_new();
	dialect = dialect_parse("test", profile, sizeof(profile) - 1, why, sizeof(why));
	return arena && dialect ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	dialect_free(dialect);
	arena_free(arena);
	return 0;
}

static bool
on_head(void *cookie, const struct download_head *head)
{
	struct got *got = cookie;
	got->heads++;
	assert_int_equal(head->status, 200);
	assert_int_equal(head->length, -1);
	snprintf(got->type, sizeof(got->type), "%s", head->type);
	return true;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct got *got = cookie;
	size_t room = sizeof(got->data) - got->len;
	memcpy(got->data + got->len, bytes, len < room ? len : room);
	got->len += len < room ? len : room;
	got->all += (int64_t)len;
	return true;
}

/* Reads the answer in pieces of that size. False where it broke off, or had no whole video. */
static bool
read(const char *text, size_t len, size_t piece, struct got *got)
{
	*got = (struct got){0};
	const struct download_sink to = {on_head, on_data, got};
	const struct download_head head = {.status = 200, .length = (int64_t)len, .type = "application/json"};
	struct inside *in = inside_new(arena, dialect, &to);
	assert_non_null(in);
	struct download_sink sink = inside_sink(in);
	bool good = sink.head(sink.cookie, &head);
	for (size_t at = 0; good && at < len; at += piece)
		good = sink.data(sink.cookie, text + at, len - at < piece ? len - at : piece);
	return good && inside_whole(in);
}

TEST(the_video_is_found_and_decoded)
{
	static const struct {
		const char *text, *video, *type;
	} rows[] = {
	    {"{\"response\":{\"videos\":[{\"bytes\":\"dmlkZW8=\"}]}}", "video", "video/mp4"},
	    {"{\"response\":{\"videos\":[{\"bytes\":\"dmlkZW8\"}]}}", "video", "video/mp4"},
	    {"{\"response\":{\"videos\":[{\"mimeType\":\"x\",\"bytes\":\"ZGF0YQ\\u003d\\u003D\"},{\"bytes\":"
	     "\"AA\"}]}}",
	     "data", "video/mp4"},
	    {" {\"done\" : true , \"x\":[[],{},\"\\\"bytes\\\":\",1.5e3,null],\"response\" :\n{ \"videos\" : "
	     "[ {"
	     "\"bytes\" : \"dmlk\\nZW8\\/\" } ] } }",
	     "video?", "video/mp4"},
	    {"{\"response\":{\"videos\":[{\"bytes\":\"data:video/webm;codecs=vp9;base64,dmlkZW8=\"}]}}",
	     "video", "video/webm"},
	    {"{\"response\":{\"videos\":[{\"bytes\":\"\"}]},\"a/b\":[0,{\"~\":\"dmlkZW8=\"}]}", "video",
	     "video/mp4"},
	    {"{\"response\":{\"videos\":[{\"bytes\":\"\"}]},\"a/b\":[0,{\"~\":\"data:video/"
	     "webm;base64,dmlkZW8=\"}]}",
	     "video", "video/webm"},
	    {"{\"\\u0061\\/b\":[[0,0],{\"x\":{},\"~\":\"dmlkZW8=\"}]}", "video", "video/mp4"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece <= strlen(rows[i].text); piece++) {
			struct got got;
			if (!read(rows[i].text, strlen(rows[i].text), piece, &got))
				fail_msg("%s in %zu", rows[i].text, piece);
			assert_int_equal(got.heads, 1);
			assert_int_equal(got.len, strlen(rows[i].video));
			assert_memory_equal(got.data, rows[i].video, got.len);
			assert_string_equal(got.type, rows[i].type);
		}
}

TEST(what_is_no_whole_video_is_none)
{
	static const char *const texts[] = {
	    "",
	    "{}",
	    "<html>",
	    "]",
	    "{\"response\":{\"videos\":[{\"bytes\":\"dmlkZW8=",         /* cut off */
	    "{\"response\":{\"videos\":[{\"bytes\":\"dmlkZ\"}]}}",      /* half a byte */
	    "{\"response\":{\"videos\":[{\"bytes\":\"dm!kZW8=\"}]}}",   /* not of the alphabet */
	    "{\"response\":{\"videos\":[{\"bytes\":\"dm=kZW8=\"}]}}",   /* goes on after its end */
	    "{\"response\":{\"videos\":[{\"bytes\":\"dm\\tkZW8=\"}]}}", /* a tab */
	    "{\"response\":{\"videos\":[{\"bytes\":\"data:video/mp4\"}]}}",
	    "{\"response\":{\"videos\":[{\"bytes\":\"data:video/mp4;base64,\"}]}}",
	    "{\"response\":{\"videos\":[{\"bytes\":\"dm\\u00e9kZW8=\"}]}}",
	    "{\"response\":{\"videos\":[{\"bytes\":\"dm\\uzzzzkZW8=\"}]}}",
	    "{\"response\":{\"videos\":[{\"bytes\":{\"x\":\"dmlkZW8=\"}}]}}",
	    "{\"response\":{\"videos\":[1,{\"bytes\":\"dmlkZW8=\"}]}}",
	    "{\"response\":{\"videos\":{\"1\":{\"bytes\":\"dmlkZW8=\"}}}}",
	    "{\"x\":{\"response\":{\"videos\":[{\"bytes\":\"dmlkZW8=\"}]}}}",
	    "{\"\\u00f2esponse\":{\"videos\":[{\"bytes\":\"dmlkZW8=\"}]}}",
	    "{\"response/videos/0\":{\"bytes\":\"dmlkZW8=\"}}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t piece = 1; piece <= strlen(texts[i]) + 1; piece++) {
			struct got got;
			if (read(texts[i], strlen(texts[i]), piece, &got))
				fail_msg("%s in %zu", texts[i], piece);
		}
}

/* A name as long as the whole path that is kept, and deeper ones below it, are passed over. */
TEST(a_long_path_is_passed_over)
{
	static char text[4096];
	char name[600];
	struct got got;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	int len = snprintf(text, sizeof(text),
	                   "{\"%s\":{\"bytes\":\"AAAA\",\"%s\":[{\"bytes\":\"AAAA\"}]},"
	                   "\"response\":{\"videos\":[{\"bytes\":\"dmlkZW8=\"}]}}",
	                   name, name);
	assert_true(read(text, (size_t)len, 100, &got));
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.data, "video", 5);
}

TEST(a_large_video_comes_in_pieces)
{
	enum { LONG = 4 * 1024 * 1024 };
	static char text[LONG + 128];
	struct got got;
	int head = snprintf(text, sizeof(text), "{\"response\":{\"videos\":[{\"bytes\":\"");
	memset(text + head, 'A', LONG);
	int tail = snprintf(text + head + LONG, sizeof(text) - (size_t)(head + LONG), "\"}]}}");
	assert_true(read(text, (size_t)(head + LONG + tail), 16384, &got));
	assert_int_equal(got.all, LONG / 4 * 3);
	assert_int_equal(got.heads, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_video_is_found_and_decoded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_no_whole_video_is_none, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_long_path_is_passed_over, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_large_video_comes_in_pieces, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
