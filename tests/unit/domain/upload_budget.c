/* What images may take, and when they go: rows before files, and no row names a file that is gone. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "domain/task/change.h"
#include "domain/upload.h"
#include "store/image.h"
#include "store/store.h"
#include "store/user.h"
#include "support/domains.h"
#include "support/test.h"

enum { MB = 1000000, DAY = 86400000 };

static bool
is_there(struct domains *d, const char *name)
{
	return access(upload_path(d->s->arena, d->config.data, name), F_OK) == 0;
}

/* A task of the user with two images of `bytes` together, that ended so long ago; -1 = it has not. */
static int64_t
with_images(struct domains *d, int64_t user, const char *id, int64_t bytes, int64_t ago)
{
	char first[64], last[64], list[160];
	struct task task = stores_task(user, id);
	snprintf(first, sizeof(first), "%s-first.png", id);
	snprintf(last, sizeof(last), "%s-last.png", id);
	snprintf(list, sizeof(list), "[{\"role\":\"last\",\"file\":\"%s\",\"type\":\"image/png\"}]", last);
	assert_true(upload_make_dir(d->config.data));
	assert_int_equal(file_write_whole(upload_path(d->s->arena, d->config.data, first), "x", 1), ERR_OK);
	assert_int_equal(file_write_whole(upload_path(d->s->arena, d->config.data, last), "x", 1), ERR_OK);
	task.input_file = first;
	task.input_type = "image/png";
	task.images = list;
	int64_t row = stores_add(d->s->store, &task);
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_images_add(d->s->store, row, bytes), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	if (ago >= 0) {
		struct task_move move = stores_move(row, TASK_STATE_READY, TASK_STATE_CANCELLED);
		move.completed_at = clock_wall_ms() - ago;
		stores_make(d->s->store, &move);
	}
	return row;
}

static void
check_held(struct domains *d, int64_t user, int64_t own, int64_t of_block)
{
	struct images_held held;
	assert_int_equal(store_images_held(d->s->store, user, &held), ERR_OK);
	assert_int_equal(held.user, own);
	assert_int_equal(held.block, of_block);
}

static void
set_block(struct domains *d, int64_t user, const char *block)
{
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_user_set_block(d->s->store, user, block), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

TEST(images_count_for_their_user_and_the_block_of_the_account)
{
	struct domains *d = domains_new(NULL, 0);
	int64_t bea = stores_user(d->s->store, "bea"), cid = stores_user(d->s->store, "cid");
	const struct change_target target = {.user_id = bea, .video_id = "b"};
	d->config.uploads_max_mb_per_user = 3;
	d->config.uploads_max_mb_per_block = 4;
	set_block(d, d->s->user, "192.0.2.0/24");
	set_block(d, bea, "192.0.2.0/24");
	with_images(d, d->s->user, "a", 2 * MB, -1);
	with_images(d, bea, "b", 1 * MB, 0);
	with_images(d, cid, "c", 1 * MB, 0);
	check_held(d, d->s->user, 2 * MB, 3 * MB);
	check_held(d, bea, 1 * MB, 3 * MB);
	check_held(d, cid, 1 * MB, 0);
	assert_int_equal(upload_fits(&d->config, d->s->store, d->s->user, MB), ERR_OK);
	assert_int_equal(upload_fits(&d->config, d->s->store, d->s->user, MB + 1), ERR_IMAGES_FULL);
	assert_int_equal(upload_fits(&d->config, d->s->store, bea, MB + 1), ERR_IMAGES_FULL);
	assert_int_equal(upload_fits(&d->config, d->s->store, cid, 2 * MB), ERR_OK);
	assert_int_equal(upload_fits(&d->config, d->s->store, d->s->user, 0), ERR_OK);
	/* What is deleted counts no more. */
	assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
	check_held(d, bea, 0, 2 * MB);
	assert_int_equal(upload_fits(&d->config, d->s->store, bea, 2 * MB), ERR_OK);
	d->config.uploads_max_mb_per_user = d->config.uploads_max_mb_per_block = 0;
	assert_int_equal(upload_fits(&d->config, d->s->store, d->s->user, INT64_C(1) << 40), ERR_OK);
	domains_free(d);
}

/* Five accounts of one person have all that their block may have: the next account has a share all the same,
 * and that with others in it. */
TEST(no_account_of_a_block_is_locked_out_by_the_others)
{
	struct domains *d = domains_new(NULL, 0);
	char name[16];
	int64_t bea = stores_user(d->s->store, "bea"), cid = stores_user(d->s->store, "cid");
	d->config.uploads_max_mb_per_user = 200;
	d->config.uploads_max_mb_per_block = 1000;
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "greedy%d", i);
		int64_t user = stores_user(d->s->store, name);
		set_block(d, user, "192.0.2.0/24");
		with_images(d, user, name, INT64_C(200) * MB, -1);
		assert_int_equal(upload_fits(&d->config, d->s->store, user, 1), ERR_IMAGES_FULL);
	}
	set_block(d, bea, "192.0.2.0/24");
	set_block(d, cid, "192.0.2.0/24");
	assert_int_equal(upload_fits(&d->config, d->s->store, bea, INT64_C(166) * MB), ERR_OK);
	assert_int_equal(upload_fits(&d->config, d->s->store, bea, INT64_C(167) * MB), ERR_IMAGES_FULL);
	with_images(d, bea, "b", INT64_C(160) * MB, -1);
	assert_int_equal(upload_fits(&d->config, d->s->store, bea, INT64_C(7) * MB), ERR_IMAGES_FULL);
	assert_int_equal(upload_fits(&d->config, d->s->store, cid, INT64_C(142) * MB), ERR_OK);
	assert_int_equal(upload_fits(&d->config, d->s->store, cid, INT64_C(143) * MB), ERR_IMAGES_FULL);
	domains_free(d);
}

TEST(images_go_some_time_after_the_end)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task;
	struct change_refusal refusal;
	with_images(d, d->s->user, "open", 1, -1);
	with_images(d, d->s->user, "fresh", 10, DAY - 60000);
	with_images(d, d->s->user, "old", 100, DAY + 1000);
	d->config.uploads_keep = 0;
	assert_int_equal(upload_purge(&d->env, d->s->arena), ERR_OK);
	assert_true(is_there(d, "old-first.png"));
	d->config.uploads_keep = DAY;
	int64_t rev = stores_get(d->s, "old").rev;
	assert_int_equal(upload_purge(&d->env, d->s->arena), ERR_OK);
	assert_true(is_there(d, "open-first.png") && is_there(d, "fresh-first.png") &&
	            is_there(d, "fresh-last.png"));
	assert_false(is_there(d, "old-first.png") || is_there(d, "old-last.png"));
	task = stores_get(d->s, "old");
	assert_true(task.input_file == NULL && task.input_type == NULL && task.images == NULL);
	assert_true(task.rev > rev);
	assert_non_null(stores_get(d->s, "fresh").input_file);
	check_held(d, d->s->user, 11, 0);
	/* It cannot be tried again: without its images it would be another. */
	const struct change_target target = {.user_id = d->s->user, .video_id = "old"};
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &task, &refusal), ERR_INPUT_LOST);
	const struct change_target other = {.user_id = d->s->user, .video_id = "fresh"};
	assert_int_not_equal(change_retry(&d->env, d->s->arena, &other, &task, &refusal), ERR_INPUT_LOST);
	domains_free(d);
}

TEST(a_purge_goes_on_where_it_ended)
{
	struct domains *d = domains_new(NULL, 0);
	char id[32];
	d->config.uploads_keep = DAY;
	for (int i = 0; i < 130; i++) {
		snprintf(id, sizeof(id), "v%d", i);
		with_images(d, d->s->user, id, 1, 2 * DAY - i);
	}
	assert_int_equal(upload_purge(&d->env, d->s->arena), ERR_OK);
	check_held(d, d->s->user, 30, 0);
	assert_true(!is_there(d, "v0-first.png") && !is_there(d, "v99-last.png") &&
	            is_there(d, "v100-first.png"));
	assert_int_equal(upload_purge(&d->env, d->s->arena), ERR_OK);
	check_held(d, d->s->user, 0, 0);
	assert_false(is_there(d, "v129-last.png"));
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(images_count_for_their_user_and_the_block_of_the_account),
	    cmocka_unit_test(no_account_of_a_block_is_locked_out_by_the_others),
	    cmocka_unit_test(images_go_some_time_after_the_end),
	    cmocka_unit_test(a_purge_goes_on_where_it_ended),
	};
	return cmocka_run_group_tests_name("domain/upload_budget", tests, NULL, NULL);
}
