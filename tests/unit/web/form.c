/* Forms from requests: what lands in memory and on disk, what is refused, and that nothing stays behind. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/memory_request.h"
#include "model/image.h"
#include "support/tmpdir.h"
#include "web/form.h"
#include "support/test.h"

#define TYPE "multipart/form-data; boundary=X"
#define HEAD "--X\r\nContent-Disposition: form-data; "
#define TEXT HEAD "name=a\r\n\r\n"
#define PNG  HEAD "name=image; filename=b.png\r\n\r\n"
#define END  "\r\n--X--\r\n"

static const char *const images[] = {"image", "picture", NULL};
static char *dir;

static int
set_up(void **state)
{
	(void)state;
	dir = tmpdir_make();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

static int
files_in_dir(void)
{
	DIR *open = opendir(dir);
	int count = -2; /* "." and ".." */

	assert_non_null(open);
	while (readdir(open))
		count++;
	closedir(open);
	return count;
}

/* A part of JSON is what it says; else it is as it stands, for its field to read or to refuse. */
TEST(test_parts_of_json)
{
#define JSON(text) HEAD "name=a\r\nContent-Type: application/json\r\n\r\n" text "\r\n"
	static const char body[] = JSON("\"one \\u732b\"") JSON(" null ") JSON("8") JSON("{\"x\":1}")
	    JSON("\"\"") JSON("\"cut") TEXT "\"plain\"" END;
	static const char *const values[] = {"one \xe7\x8c\xab", "8", "{\"x\":1}", "", "\"cut", "\"plain\""};
	struct memory_request memory;
	struct form form;
	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
	assert_int_equal(form.count, sizeof(values) / sizeof(values[0]));
	for (size_t i = 0; i < form.count; i++) {
		assert_string_equal(form.pairs[i].value, values[i]);
		assert_int_equal(form.pairs[i].len, strlen(values[i]));
	}
	memory_request_free(&memory);
#undef JSON
}

TEST(test_fields_and_file)
{
	static const char body[] = TEXT "one\r\n" HEAD "name=\"\xC3\xA9\"\r\n\r\n\r\n" PNG
	                                "\x89PNG\r\n\x1a\n\0rest\r\n" TEXT "\xE4\xBB\xBB" END "epilogue";
	static const char content[] = "\x89PNG\r\n\x1a\n\0rest";
	static const size_t pieces[] = {1, 7, SIZE_MAX};
	uint8_t hash[CRYPTO_HASH_SIZE];

	crypto_sha256(content, sizeof(content) - 1, hash);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct memory_request memory;
		struct form form;
		struct stat st;
		char bytes[64];

		memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
		memory.piece = pieces[i];
		assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
		assert_int_equal(memory.left, 0);
		assert_int_equal(form.count, 3);
		assert_string_equal(form.pairs[0].name, "a");
		assert_string_equal(form.pairs[0].value, "one");
		assert_int_equal(form.pairs[0].len, 3);
		assert_string_equal(form.pairs[1].name, "\xC3\xA9");
		assert_string_equal(form.pairs[1].value, "");
		assert_string_equal(form.pairs[2].name, "a");
		assert_string_equal(form.pairs[2].value, "\xE4\xBB\xBB");
		assert_non_null(form.file);
		assert_int_equal(form.file->size, sizeof(content) - 1);
		assert_string_equal(form.file->type, "image/png");
		assert_memory_equal(form.file->sha256, hash, sizeof(hash));
		assert_int_equal(pread(form.file->fd, bytes, sizeof(bytes), 0), sizeof(content) - 1);
		assert_memory_equal(bytes, content, sizeof(content) - 1);
		assert_int_equal(stat(form.file->path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(files_in_dir(), 1);
		memory_request_free(&memory);
		assert_int_equal(files_in_dir(), 0);
	}
}

TEST(test_kept_file)
{
	static const char body[] = PNG "GIF89a" END;
	char *path = tmpdir_path(dir, "kept");
	char *nowhere = tmpdir_path(dir, "none/kept");
	struct memory_request memory;
	struct form form;
	struct stat st;

	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
	assert_null(form.file->type);
	assert_int_equal(form.count, 0);
	assert_int_equal(form_keep(form.file, nowhere), ERR_INTERNAL);
	assert_int_equal(form_keep(form.file, path), ERR_OK);
	memory_request_free(&memory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(files_in_dir(), 1);
	assert_int_equal(unlink(path), 0);
	free(path);
	free(nowhere);
}

/* A browser sends an input without a choice as a file without a name; that is no file, for any field. */
TEST(test_empty_file_inputs)
{
	static const char body[] =
	    HEAD "name=image; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n"
	         "\r\n" HEAD "name=other; filename=\"\"\r\n\r\n\r\n" TEXT "1" END;
	struct memory_request memory;
	struct form form;

	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
	assert_null(form.file);
	assert_int_equal(form.count, 1);
	assert_string_equal(form.pairs[0].value, "1");
	assert_int_equal(files_in_dir(), 0);
	memory_request_free(&memory);
}

/* An image without a file name, or with an empty one, is one by its bytes, however they come; a byte order
 * mark is no text. */
TEST(test_nameless_images_and_marks)
{
	static const char image[] = "\x89PNG\r\n\x1a\n and the rest of it";
	static const char *const heads[] = {"\r\n\r\n", "\r\nContent-Type: image/png\r\n\r\n",
	                                    "; filename=\"\"\r\n\r\n"};

	for (size_t i = 0; i < 3; i++) {
		for (size_t piece = 1; piece < 100; piece += 7) {
			struct memory_request memory;
			struct form form;
			char body[512];
			int len = snprintf(body, sizeof(body),
			                   "\xEF\xBB\xBF" HEAD "name=image%s%s\r\n" TEXT "\xEF\xBB\xBF"
			                   "1" END,
			                   heads[i], image);

			memory_request_init(&memory, TYPE, body, (size_t)len);
			memory.piece = piece;
			assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
			assert_non_null(form.file);
			assert_string_equal(form.file->type, "image/png");
			assert_int_equal(form.file->size, sizeof(image) - 1);
			assert_int_equal(form.count, 1);
			assert_string_equal(form.pairs[0].value, "1");
			memory_request_free(&memory);
		}
	}
	assert_int_equal(files_in_dir(), 0);
}

/* Files keep their order, also among the text parts. */
TEST(test_several_files)
{
	static const char body[] =
	    PNG "1\r\n" TEXT "t\r\n" HEAD "name=\"image[]\"\r\n\r\n\x89PNG\r\n\x1a\n1234\r\n" PNG "333" END;
	static const struct {
		int64_t size;
		size_t at;
	} wanted[] = {{1, 0}, {12, 1}, {3, 1}};
	struct memory_request memory;
	struct form form;

	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	assert_int_equal(form_read(&memory.request, images, dir, &form).code, ERR_OK);
	assert_int_equal(form.count, 1);
	const struct form_file *file = form.file;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++, file = file->next) {
		assert_non_null(file);
		assert_int_equal(file->size, wanted[i].size);
		assert_int_equal(file->at, wanted[i].at);
		assert_string_equal(file->field, "image");
	}
	assert_null(file);
	assert_int_equal(files_in_dir(), 3);
	memory_request_free(&memory);
	assert_int_equal(files_in_dir(), 0);
}

TEST(test_refused)
{
#define FOUR PNG "1\r\n" PNG "2\r\n" PNG "3\r\n" PNG "4\r\n"
	static const struct {
		const char *type, *file_field, *body;
		size_t len;
		enum err_code code;
	} rows[] = {
#define ROW(type, file_field, body, code) {type, file_field, body, sizeof(body) - 1, code}
	    ROW("", "image", TEXT "1" END, ERR_BAD_CONTENT_TYPE),
	    ROW("application/json", "image", "{}", ERR_BAD_CONTENT_TYPE),
	    ROW("multipart/form-dataX; boundary=X", "image", TEXT "1" END, ERR_BAD_CONTENT_TYPE),
	    ROW("multipart/form-data", "image", TEXT "1" END, ERR_BAD_FORM),
	    ROW(TYPE, "image", "", ERR_BAD_FORM),
	    ROW(TYPE, "image", TEXT "1", ERR_BAD_FORM),
	    ROW(TYPE, "image", PNG "1", ERR_BAD_FORM),
	    ROW(TYPE, "image", PNG "1\r\n--X\r\n\r\n", ERR_BAD_FORM),
	    ROW(TYPE, "image", TEXT "a\0b" END, ERR_BAD_FIELD),
	    ROW(TYPE, "image", TEXT "\xFF" END, ERR_BAD_FIELD),
	    ROW(TYPE, "image", TEXT "\xED\xA0\x80" END, ERR_BAD_FIELD),
	    ROW(TYPE, "image", HEAD "name=\xFF\r\n\r\n1" END, ERR_BAD_FIELD),
	    ROW(TYPE, "image", FOUR FOUR FOUR "--X--", ERR_BAD_FIELD),
	    ROW(TYPE, "picture", PNG "1" END, ERR_BAD_FIELD),
	    ROW(TYPE, NULL, PNG "1" END, ERR_BAD_FIELD),
	    ROW(TYPE, "picture", HEAD "name=image; filename=\"\"\r\n\r\n1" END, ERR_BAD_FIELD),
	    ROW(TYPE, "image", HEAD "name=image\r\n\r\nGIF89a\xFF\xFF\xFF\xFF\xFF\xFF" END, ERR_BAD_IMAGE),
	    ROW(TYPE, "image", "\x1f\x8b\x08\0" TEXT "1" END, ERR_BAD_CONTENT_ENCODING),
#undef ROW
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memory_request memory;
		struct form form = {.count = 77};

		memory_request_init(&memory, rows[i].type, rows[i].body, rows[i].len);
		const char *const fields[] = {rows[i].file_field, NULL};
		if (form_read(&memory.request, rows[i].file_field != NULL ? fields : NULL, dir, &form).code !=
		        rows[i].code ||
		    form.count != 77)
			fail_msg("row %zu: %s", i, rows[i].body);
		memory_request_free(&memory);
		assert_int_equal(files_in_dir(), 0);
	}
}

TEST(test_file_that_cannot_be_made)
{
	static const char body[] = PNG "1" END;
	char *nowhere = tmpdir_path(dir, "none");
	struct memory_request memory;
	struct form form;

	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	assert_int_equal(form_read(&memory.request, images, nowhere, &form).code, ERR_INTERNAL);
	memory_request_free(&memory);
	free(nowhere);
}

TEST(test_stated_length)
{
	static const char body[] = TEXT "1" END;
	struct memory_request memory;
	struct form form;

	/* More was promised than came. */
	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	memory.request.content_length++;
	assert_int_equal(form_read(&memory.request, NULL, dir, &form).code, ERR_BAD_REQUEST);
	memory_request_free(&memory);
	/* Too much is promised: not a byte is read. */
	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	memory.request.content_length = LIMIT_FORM_BODY + 1;
	assert_int_equal(form_read(&memory.request, NULL, dir, &form).code, ERR_TOO_LARGE);
	assert_int_equal(memory.left, sizeof(body) - 1);
	memory_request_free(&memory);
	/* Nothing is promised. */
	memory_request_init(&memory, TYPE, body, sizeof(body) - 1);
	memory.request.content_length = -1;
	assert_int_equal(form_read(&memory.request, NULL, dir, &form).code, ERR_OK);
	assert_int_equal(form.count, 1);
	memory_request_free(&memory);
}

/* Reads `count` parts of `each` bytes behind `head`, then `tail` bytes behind the form; no length is stated.
 */
static enum err_code
read_large(const char *head, size_t count, size_t each, size_t tail)
{
	size_t one = strlen(head) + each + 2, len = count * one + 5 + tail;
	char *body = malloc(len);
	struct memory_request memory;
	struct form form;

	assert_non_null(body);
	memset(body, 'y', len);
	for (size_t i = 0; i < count; i++) {
		memcpy(body + i * one, head, strlen(head));
		memcpy(body + (i + 1) * one - 2, "\r\n", 2);
	}
	memcpy(body + count * one, "--X--", 5);
	memory_request_init(&memory, TYPE, body, len);
	memory.request.content_length = -1;
	enum err_code code = form_read(&memory.request, images, dir, &form).code;
	memory_request_free(&memory);
	free(body);
	assert_int_equal(files_in_dir(), 0);
	return code;
}

TEST(test_ceilings)
{
	const size_t frame = strlen(TEXT) + 1 + 2 + 5; /* of a form with one byte of text */

	assert_int_equal(read_large(TEXT, 1, LIMIT_FORM_FIELD, 0), ERR_OK);
	assert_int_equal(read_large(TEXT, 1, LIMIT_FORM_FIELD + 1, 0), ERR_TOO_LARGE);
	assert_int_equal(read_large(TEXT, 4, LIMIT_FORM_TEXT / 4, 0), ERR_OK);
	assert_int_equal(read_large(TEXT, 4, LIMIT_FORM_TEXT / 4 + 1, 0), ERR_TOO_LARGE);
	assert_int_equal(read_large(TEXT, LIMIT_FORM_PARTS, 1, 0), ERR_OK);
	assert_int_equal(read_large(TEXT, LIMIT_FORM_PARTS + 1, 1, 0), ERR_TOO_LARGE);
	assert_int_equal(read_large(PNG, 1, LIMIT_IMAGE, 0), ERR_OK);
	assert_int_equal(read_large(PNG, 1, LIMIT_IMAGE + 1, 0), ERR_TOO_LARGE);
	assert_int_equal(read_large(TEXT, 1, 1, LIMIT_FORM_BODY - frame), ERR_OK);
	assert_int_equal(read_large(TEXT, 1, 1, LIMIT_FORM_BODY - frame + 1), ERR_TOO_LARGE);
}

TEST(test_image_types)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *type;
	} rows[] = {
	    {"\x89PNG\r\n\x1a\n", 8, "image/png"},
	    {"\x89PNG\r\n\x1a\n", 7, NULL},
	    {"\x89PNG\n\x1a\n\n", 8, NULL},
	    {"\xff\xd8\xff", 3, "image/jpeg"},
	    {"\xff\xd8\xff", 2, NULL},
	    {"\xff\xd8\xfe", 3, NULL},
	    {"RIFF\1\2\3\4WEBP", 12, "image/webp"},
	    {"RIFF\1\2\3\4WEBP", 11, NULL},
	    {"RIFF\1\2\3\4WAVE", 12, NULL},
	    {"GIF89a", 6, NULL},
	    {"<svg>", 5, NULL},
	    {"", 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[12];

		memcpy(bytes, rows[i].bytes, rows[i].len);
		const char *type = image_type(bytes, rows[i].len);
		if ((type == NULL) != (rows[i].type == NULL) || (type && strcmp(type, rows[i].type) != 0))
			fail_msg("row %zu: %s", i, type ? type : "NULL");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts_of_json),
	    cmocka_unit_test(test_fields_and_file),
	    cmocka_unit_test(test_kept_file),
	    cmocka_unit_test(test_empty_file_inputs),
	    cmocka_unit_test(test_several_files),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_nameless_images_and_marks),
	    cmocka_unit_test(test_file_that_cannot_be_made),
	    cmocka_unit_test(test_stated_length),
	    cmocka_unit_test(test_ceilings),
	    cmocka_unit_test(test_image_types),
	};
	return cmocka_run_group_tests_name("web/form", tests, set_up, tear_down);
}
