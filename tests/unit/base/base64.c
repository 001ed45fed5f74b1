/* The test vectors of RFC 4648, section 10, and every byte. */
#include <string.h>

#include "base/base64.h"
#include "support/test.h"

TEST(the_vectors_of_the_standard)
{
	static const char *const rows[][2] = {{"", ""},
	                                      {"f", "Zg=="},
	                                      {"fo", "Zm8="},
	                                      {"foo", "Zm9v"},
	                                      {"foob", "Zm9vYg=="},
	                                      {"fooba", "Zm9vYmE="},
	                                      {"foobar", "Zm9vYmFy"},
	                                      {"\xfb\xef\xff", "++//"}};
	char text[BASE64_SIZE(6)];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		base64_write(rows[i][0], strlen(rows[i][0]), text);
		assert_string_equal(text, rows[i][1]);
		assert_int_equal(strlen(text) + 1, BASE64_SIZE(strlen(rows[i][0])));
	}
}

TEST(what_was_written_is_read_again)
{
	uint8_t bytes[256], back[258];
	char text[BASE64_SIZE(256)];
	size_t len = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		base64_write(bytes, n, text);
		assert_true(base64_read(text, strlen(text), back, &len));
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
	}
}

TEST(what_is_none_is_not_read)
{
	static const char *const rows[] = {"Z",    "Zg",   "Zg=",  "Zg==Zg==", "Z===",      "====",
	                                   "Zm9-", "Zm 9", "=m9v", "Zm9vZm9",  "Zm9v\nZg=", "Zm\0v"};
	uint8_t bytes[8] = {0};
	size_t len = 42;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(base64_read(rows[i], strlen(rows[i]), bytes, &len));
	assert_false(base64_read("Zm\0v", 4, bytes, &len));
	assert_int_equal(len, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_vectors_of_the_standard),
	                                   cmocka_unit_test(what_was_written_is_read_again),
	                                   cmocka_unit_test(what_is_none_is_not_read)};
	return cmocka_run_group_tests_name("base/base64", tests, NULL, NULL);
}
