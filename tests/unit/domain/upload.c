/* The images of tasks: a second name for each, and an end to all. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "domain/upload.h"
#include "support/test.h"
#include "support/tmpdir.h"

static char *data;
static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	data = tmpdir_make();
	arena = arena_new();
	return data == NULL || arena == NULL || !upload_make_dir(data);
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	tmpdir_remove(data);
	return 0;
}

static size_t
count(void)
{
	size_t n = 0;
	const struct dirent *entry;
	DIR *dir = opendir(upload_dir(arena, data));
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void
put(const char *name)
{
	assert_int_equal(file_write_whole(upload_path(arena, data, name), name, strlen(name)), ERR_OK);
}

TEST(a_shared_image_outlives_the_first_name)
{
	const char *other = NULL;
	struct stat st;
	put("a.webp");
	assert_int_equal(upload_share(arena, data, "a.webp", &other), ERR_OK);
	assert_string_not_equal(other, "a.webp");
	assert_string_equal(strrchr(other, '.'), ".webp");
	upload_remove(data, "a.webp");
	assert_int_equal(stat(upload_path(arena, data, other), &st), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(upload_share(arena, data, "gone.png", &other), ERR_INTERNAL);
	upload_remove(data, other);
	assert_int_equal(count(), 0);
}

TEST(a_list_is_shared_wholly_or_not_at_all)
{
	static const char list[] = "[{\"role\":\"last\",\"file\":\"a.png\",\"type\":\"image/png\"},"
	                           "{\"role\":\"reference\",\"file\":\"b.jpeg\",\"type\":\"image/jpeg\"}]";
	const char *other = NULL;
	put("a.png");
	assert_int_equal(upload_share_listed(arena, data, list, &other), ERR_INTERNAL);
	assert_null(other);
	assert_int_equal(count(), 1);
	put("b.jpeg");
	assert_int_equal(upload_share_listed(arena, data, list, &other), ERR_OK);
	assert_int_equal(count(), 4);
	assert_null(strstr(other, "\"a.png\""));
	assert_non_null(strstr(other, "{\"role\":\"last\",\"file\":\""));
	assert_non_null(strstr(other, ".jpeg\",\"type\":\"image/jpeg\"}]"));
	upload_remove_listed(data, list);
	assert_int_equal(count(), 2);
	upload_remove_listed(data, other);
	assert_int_equal(count(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_shared_image_outlives_the_first_name, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_list_is_shared_wholly_or_not_at_all, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("domain/upload", tests, NULL, NULL);
}
