/* Files without a task are removed once they are old, and only those. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "domain/upload.h"
#include "support/domains.h"
#include "support/test.h"

static void
put(struct domains *d, const char *name, bool old)
{
	const char *path = upload_path(d->s->arena, d->config.data, name);
	assert_int_equal(file_write_whole(path, "x", 1), ERR_OK);
	if (old) {
		const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
}

static bool
is_there(struct domains *d, const char *name)
{
	return access(upload_path(d->s->arena, d->config.data, name), F_OK) == 0;
}

TEST(only_what_no_task_names_is_removed)
{
	static const char *const kept[] = {"first.png", "last.webp", "reference.jpeg",
	                                   "alone.png", "young.png", "upload-young1"};
	static const char *const gone[] = {"a.png", "zz.jpeg", "upload-abcdef", "deleted.png"};
	struct domains *d = domains_new(NULL, 0);
	atomic_bool stop = false;
	assert_true(upload_make_dir(d->config.data));
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		put(d, kept[i], strstr(kept[i], "young") == NULL);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		put(d, gone[i], true);
	struct task task = stores_task(d->s->user, "v1");
	task.input_file = "first.png";
	task.images = "[{\"role\":\"last\",\"file\":\"last.webp\",\"type\":\"image/webp\"},"
	              "{\"role\":\"reference\",\"file\":\"reference.jpeg\",\"type\":\"image/jpeg\"}]";
	stores_add(d->s->store, &task);
	for (int i = 0; i < 450; i++) { /* more than a page of them */
		char id[16], list[128];
		snprintf(id, sizeof(id), "w%d", i);
		snprintf(list, sizeof(list),
		         "[{\"role\":\"last\",\"file\":\"%s.png\",\"type\":\"image/png\"}]",
		         i == 449 ? "alone" : id);
		task = stores_task(d->s->user, id);
		task.images = list;
		stores_add(d->s->store, &task);
	}
	assert_int_equal(upload_sweep(&d->env, d->s->arena, &stop), ERR_OK);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!is_there(d, kept[i]))
			fail_msg("%s is gone", kept[i]);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (is_there(d, gone[i]))
			fail_msg("%s is there", gone[i]);
	domains_free(d);
}

/* What could not be looked up is not known to be without a task. */
TEST(an_early_end_removes_nothing)
{
	struct domains *d = domains_new(NULL, 0);
	atomic_bool stop = true;
	assert_true(upload_make_dir(d->config.data));
	put(d, "a.png", true);
	assert_int_equal(upload_sweep(&d->env, d->s->arena, &stop), ERR_OK);
	assert_true(is_there(d, "a.png"));
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_no_task_names_is_removed),
	    cmocka_unit_test(an_early_end_removes_nothing),
	};
	return cmocka_run_group_tests_name("domain/upload_sweep", tests, NULL, NULL);
}
