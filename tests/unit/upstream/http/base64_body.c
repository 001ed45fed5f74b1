/* Files inside a text: the same bytes in pieces of any size, and from any place. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "support/tmpdir.h"
#include "upstream/http/base64_body.h"
#include "upstream/http/message.h"
#include "support/test.h"

enum { FILE_MOST = 7000 };

static const char text[] = "{\"a\":\"\",\"b\":\"\"}";
enum { GAP = 6, GAP2 = 12, ALL = 2 * FILE_MOST * 2 };

TEST(pieces_make_the_whole)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 3071, 3072, 3073, FILE_MOST};
	static const size_t rooms[] = {1, 3, 7, 100, 4096, 100000};
	static char file[FILE_MOST + 1], wanted[ALL], got[ALL];
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "file");
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (size_t i = 0; i < sizes[s]; i++)
			file[i] = (char)('!' + i * 7 % 90);
		file[sizes[s]] = '\0';
		tmpdir_write(dir, "file", file);
		memcpy(wanted, text, GAP);
		base64_write(file, sizes[s], wanted + GAP);
		size_t len1 = strlen(wanted);
		memcpy(wanted + len1, text + GAP, GAP2 - GAP);
		base64_write(file, sizes[s], wanted + len1 + GAP2 - GAP);
		memcpy(wanted + strlen(wanted), text + GAP2, sizeof(text) - GAP2);
		const struct http_insert inserts[] = {{path, GAP}, {path, GAP2}};
		for (size_t r = 0; r < sizeof(rooms) / sizeof(rooms[0]); r++) {
			int64_t len = 0, n;
			struct base64_body *base64_body = base64_body_new(text, sizeof(text) - 1, inserts, 2);
			assert_non_null(base64_body);
			assert_int_equal(base64_body_size(base64_body), strlen(wanted));
			while ((n = base64_body_read(base64_body, got + len, rooms[r])) > 0)
				len += n;
			assert_int_equal(n, 0);
			assert_int_equal(len, strlen(wanted));
			assert_memory_equal(got, wanted, (size_t)len);
			for (int64_t at = 0; at <= len; at += 1 + len / 40) {
				assert_int_equal(base64_body_seek(base64_body, at), 0);
				n = base64_body_read(base64_body, got, 1);
				assert_int_equal(n, at < len);
				if (n == 1)
					assert_int_equal(got[0], wanted[at]);
			}
			assert_int_equal(base64_body_seek(base64_body, len + 1), -1);
			assert_int_equal(base64_body_seek(base64_body, -1), -1);
			base64_body_free(base64_body);
		}
	}
	free(path);
	tmpdir_remove(dir);
}

TEST(a_file_that_shrinks_is_noticed)
{
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "file"), room[64];
	const struct http_insert insert = {path, GAP}, none = {dir, GAP};
	assert_null(base64_body_new(text, sizeof(text) - 1, &insert, 1));
	assert_null(base64_body_new(text, sizeof(text) - 1, &none, 1));
	tmpdir_write(dir, "file", "twelve bytes");
	struct base64_body *base64_body = base64_body_new(text, sizeof(text) - 1, &insert, 1);
	assert_non_null(base64_body);
	assert_int_equal(truncate(path, 3), 0);
	assert_int_equal(base64_body_read(base64_body, room, sizeof(room)), GAP);
	assert_int_equal(base64_body_read(base64_body, room, sizeof(room)), -1);
	base64_body_free(base64_body);
	base64_body_free(NULL);
	free(path);
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_make_the_whole),
	    cmocka_unit_test(a_file_that_shrinks_is_noticed),
	};
	return cmocka_run_group_tests_name("upstream/blend", tests, NULL, NULL);
}
