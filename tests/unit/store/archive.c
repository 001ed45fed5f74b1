/* The archive's rows: every completed task has one, one holder at a time, and what ends when. */

#include "store/archive.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"
#include "store/task.h"
#include "support/stores.h"
#include "support/test.h"

static int64_t
completed(struct stores *s, const char *video_id, int64_t at)
{
	struct task task = stores_task(s->user, video_id);
	task.state = TASK_STATE_RUNNING;
	int64_t id = stores_add(s->store, &task);
	struct task_move move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	move.completed_at = at;
	stores_make(s->store, &move);
	return id;
}

static enum err_code
claim(struct stores *s, const char *owner, int64_t now, int64_t until, struct task *ret_task,
      int64_t *ret_tries)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = stores_claim_video(s, owner, now, until, ret_task, ret_tries);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return err;
}

static enum err_code
keep(struct stores *s, int64_t id, const char *owner, int64_t size, int64_t at)
{
	const struct archive_entry file = {.type = "video/mp4", .size = size, .kept_at = at};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = store_archive_keep(s->store, id, owner, &file);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return err;
}

/* Makes a task of `user` whose video is kept. Returns its id. */
static int64_t
kept_of(struct stores *s, int64_t user, const char *video_id, int64_t size)
{
	struct task task = stores_task(user, video_id), taken;
	struct task_move move;
	int64_t tries;
	task.state = TASK_STATE_RUNNING;
	int64_t id = stores_add(s->store, &task);
	move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	move.completed_at = 5000;
	stores_make(s->store, &move);
	assert_int_equal(claim(s, "one", 5000, 6000, &taken, &tries), ERR_OK);
	assert_int_equal(keep(s, id, "one", size, 5000), ERR_OK);
	return id;
}

/* Checks which video would make room; NULL = none. */
static void
check_victim(struct stores *s, const char *video_id, int64_t bytes)
{
	struct archive_entry victim;
	int64_t count, total = -1;
	enum err_code err = store_archive_victim(s->store, s->arena, &victim);
	assert_int_equal(err, video_id != NULL ? ERR_OK : ERR_NOT_FOUND);
	if (video_id != NULL)
		assert_string_equal(victim.video_id, video_id);
	assert_int_equal(store_archive_total(s->store, &count, &total), ERR_OK);
	assert_int_equal(total, bytes);
}

static enum err_code
rest(struct stores *s, int64_t id, const char *owner, int64_t due_at)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = store_archive_return(s->store, id, owner, due_at, true);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return err;
}

TEST(a_completed_task_is_wanted_once)
{
	struct stores *s = stores_new();
	struct task task;
	int64_t tries, due;
	assert_int_equal(store_archive_next_due(s->store, &due), ERR_OK);
	assert_true(due == INT64_MAX);
	int64_t second = completed(s, "video_b", 6000), first = completed(s, "video_a", 5000);
	assert_int_equal(store_archive_next_due(s->store, &due), ERR_OK);
	assert_int_equal(due, 5000);
	assert_int_equal(claim(s, "one", 4999, 9000, &task, &tries), ERR_NOT_FOUND);
	assert_int_equal(claim(s, "one", 7000, 9000, &task, &tries), ERR_OK);
	assert_int_equal(task.id, second); /* a backlog does not hold a new one back */
	assert_int_equal(tries, 0);
	assert_int_equal(claim(s, "two", 7000, 9000, &task, &tries), ERR_OK);
	assert_int_equal(task.id, first);
	assert_int_equal(claim(s, "three", 7000, 9000, &task, &tries), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(what_has_failed_does_not_overtake_what_was_never_tried)
{
	struct stores *s = stores_new();
	struct task task;
	int64_t tries, failed = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
	assert_int_equal(rest(s, failed, "one", 7000), ERR_OK);
	int64_t first = completed(s, "video_b", 5500), second = completed(s, "video_c", 6500);
	const int64_t order[] = {second, first, failed};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(claim(s, "one", 8000, 9000, &task, &tries), ERR_OK);
		assert_int_equal(task.id, order[i]);
		assert_int_equal(tries, i == 2);
	}
	stores_free(s);
}

TEST(a_clock_that_was_set_back_keeps_nothing_waiting)
{
	struct stores *s = stores_new();
	struct task task;
	int64_t tries, due, held = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 9000, &task, &tries), ERR_OK);
	int64_t waiting = completed(s, "video_b", 5000);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_back(s->store, 1000, 1100, 2000, false), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(claim(s, "two", 1000, 3000, &task, &tries), ERR_OK);
	assert_int_equal(task.id, waiting);
	assert_int_equal(store_archive_next_due(s->store, &due), ERR_OK);
	assert_int_equal(due, 2000);
	assert_int_equal(keep(s, held, "one", 10, 1500), ERR_OK);
	stores_free(s);
}

/* What the upstream says of its file's end does not hold for ours; clients are told. */
TEST(a_file_that_is_kept_does_not_expire)
{
	struct stores *s = stores_new();
	struct task task;
	int64_t tries;
	for (int i = 0; i < 2; i++) {
		struct task made = stores_task(s->user, i == 0 ? "video_a" : "video_b");
		made.state = TASK_STATE_RUNNING;
		made.facts.expires_at = i == 0 ? 99000 : 0;
		struct task_move move =
		    stores_move(stores_add(s->store, &made), TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
		move.completed_at = 5000;
		int64_t rev = stores_make(s->store, &move);
		assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
		assert_int_equal(keep(s, task.id, "one", 10, 5500), ERR_OK);
		task = stores_get(s, made.video_id);
		assert_int_equal(task.facts.expires_at, 0);
		assert_int_equal(task.rev, i == 0 ? rev + 1 : rev);
		assert_int_equal(task.updated_at, i == 0 ? 5500 : 2000);
	}
	stores_free(s);
}

TEST(a_file_that_got_lost_is_wanted_anew)
{
	struct stores *s = stores_new();
	struct task task;
	struct archive_entry file = {.kept_at = -1};
	bool known;
	int64_t tries, size, id = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
	assert_int_equal(keep(s, id, "one", 10, 5000), ERR_OK);
	assert_int_equal(store_archive_after(s->store, s->arena, file.kept_at, &file), ERR_OK);
	assert_int_equal(file.task_id, id);
	assert_string_equal(file.video_id, "video_a");
	assert_int_equal(store_archive_after(s->store, s->arena, file.kept_at, &file), ERR_NOT_FOUND);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_archive_want(s->store, id, 7000), ERR_OK);
	assert_int_equal(store_archive_want(s->store, id, 7000), ERR_CONFLICT);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_archive_known(s->store, "video_a", &known, &size), ERR_OK);
	assert_true(known); /* whatever lies there may be the video */
	assert_int_equal(size, -1);
	assert_int_equal(claim(s, "one", 7000, 9000, &task, &tries), ERR_OK);
	assert_int_equal(rest(s, id, "one", 0), ERR_OK);
	assert_int_equal(store_archive_known(s->store, "video_a", &known, &size), ERR_OK);
	assert_false(known);
	stores_free(s);
}

TEST(who_has_lost_the_lease_keeps_nothing)
{
	struct stores *s = stores_new();
	struct task task;
	struct archive_entry file;
	int64_t tries, id = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
	assert_int_equal(claim(s, "two", 6000, 7000, &task, &tries), ERR_OK);
	assert_int_equal(keep(s, id, "one", 10, 6500), ERR_CONFLICT);
	assert_int_equal(rest(s, id, "one", 9000), ERR_CONFLICT);
	assert_int_equal(store_archive_get(s->store, s->arena, id, &file), ERR_NOT_FOUND);
	assert_int_equal(keep(s, id, "two", 10, 6500), ERR_OK);
	assert_int_equal(store_archive_get(s->store, s->arena, id, &file), ERR_OK);
	assert_string_equal(file.type, "video/mp4");
	assert_int_equal(file.size, 10);
	assert_int_equal(keep(s, id, "two", 11, 6500), ERR_CONFLICT);
	assert_int_equal(claim(s, "three", 99999, 100000, &task, &tries), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(failures_are_counted_until_it_is_given_up)
{
	struct stores *s = stores_new();
	struct task task;
	struct archive_entry file;
	int64_t tries, id = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
	assert_int_equal(rest(s, id, "one", 8000), ERR_OK);
	assert_int_equal(claim(s, "one", 7999, 9000, &task, &tries), ERR_NOT_FOUND);
	assert_int_equal(claim(s, "one", 8000, 9000, &task, &tries), ERR_OK);
	assert_int_equal(tries, 1);
	assert_int_equal(store_archive_look(s->store, s->arena, id, &file), ERR_OK);
	assert_string_equal(file.state, "wanted");
	assert_int_equal(file.due_at, 9000);
	assert_int_equal(file.tries, 1);
	assert_int_equal(rest(s, id, "one", 0), ERR_OK);
	assert_int_equal(store_archive_look(s->store, s->arena, id, &file), ERR_OK);
	assert_string_equal(file.state, "gone");
	assert_int_equal(store_archive_look(s->store, s->arena, id + 1, &file), ERR_NOT_FOUND);
	assert_int_equal(claim(s, "one", INT64_MAX - 1, INT64_MAX, &task, &tries), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(a_deleted_task_is_not_kept)
{
	struct stores *s = stores_new();
	struct task task;
	bool known;
	int64_t tries, rev, size, id = completed(s, "video_a", 5000);
	assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 5500, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(keep(s, id, "one", 10, 6000), ERR_CONFLICT);
	assert_int_equal(store_archive_known(s->store, "video_a", &known, &size), ERR_OK);
	assert_false(known);
	assert_int_equal(claim(s, "one", INT64_MAX - 1, INT64_MAX, &task, &tries), ERR_NOT_FOUND);
	stores_free(s);
}

/* By the order in which they came: the clock may have been set back in between. */
TEST(the_oldest_goes_first)
{
	struct stores *s = stores_new();
	struct task task;
	struct archive_entry oldest;
	bool known;
	int64_t tries, count, total, size;
	const char *const ids[] = {"video_a", "video_b", "video_c"};
	for (int i = 0; i < 3; i++) {
		int64_t id = completed(s, ids[i], 5000);
		assert_int_equal(claim(s, "one", 5000, 6000, &task, &tries), ERR_OK);
		assert_int_equal(keep(s, id, "one", 10 + i, 9000 - i), ERR_OK);
	}
	assert_int_equal(store_archive_total(s->store, &count, &total), ERR_OK);
	assert_int_equal(count, 3);
	assert_int_equal(total, 33);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_archive_oldest(s->store, s->arena, &oldest), ERR_OK);
		assert_string_equal(oldest.video_id, ids[i]);
		assert_int_equal(oldest.size, 10 + i);
		assert_int_equal(store_archive_known(s->store, ids[i], &known, &size), ERR_OK);
		assert_true(known);
		assert_int_equal(size, 10 + i);
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_archive_drop(s->store, oldest.task_id), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
	}
	assert_int_equal(store_archive_oldest(s->store, s->arena, &oldest), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(room_is_made_by_who_keeps_most)
{
	struct stores *s = stores_new();
	int64_t bea = stores_user(s->store, "bea"), rev;
	kept_of(s, s->user, "video_ada_1", 30);
	int64_t b1 = kept_of(s, bea, "video_bea_1", 10);
	int64_t b2 = kept_of(s, bea, "video_bea_2", 15);
	check_victim(s, "video_ada_1", 55);
	int64_t b3 = kept_of(s, bea, "video_bea_3", 20);
	check_victim(s, "video_bea_1", 75);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_archive_drop(s->store, b1), ERR_OK);
	assert_int_equal(store_archive_drop(s->store, b1), ERR_OK); /* again: counts once */
	assert_int_equal(store_commit(s->store), ERR_OK);
	check_victim(s, "video_bea_2", 65);
	/* What is lost, or deleted by its owner, counts no more either. */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_archive_want(s->store, b3, 7000), ERR_OK);
	assert_int_equal(store_archive_want(s->store, b3, 7000), ERR_CONFLICT);
	assert_int_equal(store_commit(s->store), ERR_OK);
	check_victim(s, "video_ada_1", 45);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(s->store, b2, 8000, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	check_victim(s, "video_ada_1", 30);
	/* What a failed transaction has counted is undone. */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_archive_drop(s->store, stores_get(s, "video_ada_1").id), ERR_OK);
	store_rollback(s->store);
	check_victim(s, "video_ada_1", 30);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_completed_task_is_wanted_once),
	    cmocka_unit_test(what_has_failed_does_not_overtake_what_was_never_tried),
	    cmocka_unit_test(a_clock_that_was_set_back_keeps_nothing_waiting),
	    cmocka_unit_test(a_file_that_is_kept_does_not_expire),
	    cmocka_unit_test(a_file_that_got_lost_is_wanted_anew),
	    cmocka_unit_test(who_has_lost_the_lease_keeps_nothing),
	    cmocka_unit_test(failures_are_counted_until_it_is_given_up),
	    cmocka_unit_test(a_deleted_task_is_not_kept),
	    cmocka_unit_test(the_oldest_goes_first),
	    cmocka_unit_test(room_is_made_by_who_keeps_most),
	};
	return cmocka_run_group_tests_name("store/archive", tests, NULL, NULL);
}
