/* Writing JSON: commas, names, escapes, and a buffer that is too small. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "support/test.h"

static void
write_all(struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_string(w, "id", "video_1");
	jsonw_string(w, "none", NULL);
	jsonw_array(w, "list");
	jsonw_int(w, NULL, INT64_MIN);
	jsonw_int(w, NULL, INT64_MAX);
	jsonw_array(w, NULL);
	jsonw_array_end(w);
	jsonw_object(w, NULL);
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_object(w, "more");
	jsonw_bool(w, "yes", true);
	jsonw_bool(w, "no", false);
	jsonw_null(w, "null");
	jsonw_object_end(w);
	jsonw_real(w, "real", 0.5);
	jsonw_real(w, "nan", NAN);
	jsonw_real(w, "inf", -INFINITY);
	jsonw_raw(w, "raw", "{\"a\":[1]}");
	jsonw_raw(w, "absent", NULL);
	jsonw_object_end(w);
}

TEST(test_a_whole_text)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	write_all(&w);
	assert_string_equal(
	    buf_str(&out),
	    "{\"id\":\"video_1\",\"none\":null,\"list\":[-9223372036854775808,9223372036854775807,[],{}],"
	    "\"more\":{\"yes\":true,\"no\":false,\"null\":null},\"real\":0.500,\"nan\":null,"
	    "\"inf\":null,\"raw\":{\"a\":[1]},\"absent\":null}");
	buf_free(&out);
}

/* Every ASCII character goes out and comes back as it was, in values and in names. */
TEST(test_escapes_come_back)
{
	struct arena *arena = arena_new();
	const struct json *root;
	char text[2] = "";
	struct buf out;
	struct jsonw w;

	buf_init(&out, 4096);
	for (int c = 1; c < 128; c++) {
		text[0] = (char)c;
		buf_clear(&out);
		jsonw_init(&w, &out);
		jsonw_object(&w, NULL);
		jsonw_string(&w, text, text);
		jsonw_object_end(&w);
		assert_int_equal(json_parse(arena, out.data, out.len, &root), ERR_OK);
		assert_string_equal(json_string(json_get(root, text)), text);
	}
	buf_clear(&out);
	jsonw_init(&w, &out);
	jsonw_string(&w, NULL, "\"\\\n\r\t\x01\x1F/\xE4\xBB\xBB");
	assert_string_equal(buf_str(&out), "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f/\xE4\xBB\xBB\"");
	buf_free(&out);
	arena_free(arena);
}

/* Strings are looked through eight bytes at a time: each byte at each place among others is seen, or let be.
 */
TEST(test_each_byte_at_each_place)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, 4096);
	for (size_t len = 1; len <= 18; len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 1; c < 256; c++) {
				char text[19] = "", expected[32];
				char escaped[8] = {(char)c};
				memset(text, c % 2 ? '\xFF' : ' ', len);
				text[at] = (char)c;
				if (c < 0x20 && !strchr("\n\r\t", c))
					snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c);
				else if (c < 0x20)
					snprintf(escaped, sizeof escaped, "\\%c",
					         c == '\n'   ? 'n'
					         : c == '\r' ? 'r'
					                     : 't');
				else if (c == '"' || c == '\\')
					snprintf(escaped, sizeof escaped, "\\%c", c);
				snprintf(expected, sizeof expected, "\"%.*s%s%s\"", (int)at, text, escaped,
				         text + at + 1);
				buf_clear(&out);
				jsonw_init(&w, &out);
				jsonw_string(&w, NULL, text);
				assert_string_equal(buf_str(&out), expected);
			}
	buf_free(&out);
}

TEST(test_too_small_a_buffer_fails)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	write_all(&w);
	size_t len = out.len;
	buf_free(&out);
	for (size_t max = 0; max <= len; max++) {
		buf_init(&out, max);
		jsonw_init(&w, &out);
		write_all(&w);
		assert_int_equal(out.failed, max < len);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_whole_text),
	    cmocka_unit_test(test_escapes_come_back),
	    cmocka_unit_test(test_each_byte_at_each_place),
	    cmocka_unit_test(test_too_small_a_buffer_fails),
	};

	return cmocka_run_group_tests_name("base/jsonw", tests, NULL, NULL);
}
