/* The mark of the archive: which folder is taken for it. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "domain/video/mark.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/tmpdir.h"
#include "support/test.h"

static char *
path_of(struct domains *d, const char *name)
{
	return arena_printf(d->s->arena, "%s/%s", d->config.data, name);
}

static void
make_dir(struct domains *d, const char *name)
{
	assert_int_equal(mkdir(path_of(d, name), 0700), 0);
}

static void
keep_one(struct domains *d)
{
	raw_run(d->s->store, "INSERT OR REPLACE INTO held (user_id, files, bytes) VALUES (0, 1, 5)");
}

TEST(a_new_archive_is_marked_and_another_folder_is_not_it)
{
	struct domains *d = domains_new(NULL, 0);
	assert_true(archive_is_there(d->config.data));
	assert_true(archive_mark(&d->env));
	assert_int_equal(access(path_of(d, "archive/.mark"), F_OK), 0);
	assert_int_equal(access(path_of(d, "archive.mark"), F_OK), 0);
	assert_true(archive_mark(&d->env) && archive_is_there(d->config.data));
	assert_int_equal(rename(path_of(d, "archive"), path_of(d, "disk")), 0);
	for (int there = 0; there < 2; there++) {
		assert_false(archive_is_there(d->config.data));
		assert_false(archive_mark(&d->env));
		if (!there)
			make_dir(d, "archive");
	}
	/* Another one's, and one that cannot be read. */
	assert_int_equal(file_write_whole(path_of(d, "archive/.mark"), "another", 7), ERR_OK);
	assert_false(archive_is_there(d->config.data));
	assert_int_equal(file_write_whole(path_of(d, "archive/.mark"), "", 0), ERR_OK);
	assert_false(archive_mark(&d->env));
	assert_int_equal(rename(path_of(d, "archive"), path_of(d, "empty")), 0);
	assert_int_equal(rename(path_of(d, "disk"), path_of(d, "archive")), 0);
	assert_true(archive_is_there(d->config.data));
	domains_free(d);
}

/* A database from before there were marks, whose archive is not mounted at the first start. */
TEST(an_empty_folder_is_not_marked_where_videos_are_kept)
{
	struct domains *d = domains_new(NULL, 0);
	keep_one(d);
	make_dir(d, "archive");
	make_dir(d, "archive/lost+found");
	assert_false(archive_mark(&d->env));
	assert_int_equal(access(path_of(d, "archive/.mark"), F_OK), -1);
	make_dir(d, "archive/ab");
	assert_true(archive_mark(&d->env));
	assert_true(archive_is_there(d->config.data));
	domains_free(d);
}

/* Where DATA comes from a backup, a mark of the archive is taken over; without a folder there is a new one.
 */
TEST(a_mark_without_a_copy_is_taken_over)
{
	struct domains *d = domains_new(NULL, 0);
	keep_one(d);
	assert_true(archive_mark(&d->env));
	assert_int_equal(unlink(path_of(d, "archive.mark")), 0);
	assert_true(archive_is_there(d->config.data));
	assert_true(archive_mark(&d->env));
	assert_int_equal(access(path_of(d, "archive.mark"), F_OK), 0);
	assert_true(archive_is_there(d->config.data));
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_archive_is_marked_and_another_folder_is_not_it),
	    cmocka_unit_test(an_empty_folder_is_not_marked_where_videos_are_kept),
	    cmocka_unit_test(a_mark_without_a_copy_is_taken_over),
	};
	return cmocka_run_group_tests_name("domain/video/mark", tests, NULL, NULL);
}
