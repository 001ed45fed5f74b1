/* The past of a task: lineage, attempts, and deletion. */
#include <stdio.h>
#include <string.h>

#include "store/feed.h"
#include "store/lineage.h"
#include "store/list.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static int64_t
add_remix(struct stores *s, const char *video_id, int64_t parent, int64_t root)
{
	struct task task = stores_task(s->user, video_id);
	task.parent_id = parent;
	task.root_id = root;
	task.source_external_id = parent != 0 ? "job" : NULL;
	return stores_add(s->store, &task);
}

/* The video ids of the lineage, joined. */
static const char *
lineage_of(struct stores *s, int64_t id)
{
	struct task *tasks;
	size_t count;
	char *all = arena_strdup(s->arena, "");
	assert_int_equal(store_task_lineage(s->store, s->arena, id, 100, &tasks, &count), ERR_OK);
	for (size_t i = 0; i < count; i++)
		all = arena_printf(s->arena, "%s%s%s", all, i > 0 ? " " : "", tasks[i].video_id);
	return all;
}

TEST(lineage_is_ancestors_and_all_below)
{
	struct stores *s = *state;
	int64_t a = add_remix(s, "a", 0, 0);
	int64_t b = add_remix(s, "b", a, a);
	add_remix(s, "c", a, a);
	int64_t d = add_remix(s, "d", b, a);
	add_remix(s, "e", d, a);
	add_remix(s, "stranger", 0, 0);
	assert_string_equal(lineage_of(s, a), "a b c d e");
	assert_string_equal(lineage_of(s, b), "a b d e");
	assert_string_equal(lineage_of(s, d), "a b d e");
	struct task row = stores_get(s, "d");
	assert_int_equal(row.parent_id, b);
	assert_int_equal(row.root_id, a);
	assert_string_equal(row.source_external_id, "job");
}

TEST(a_tree_of_ten_thousand)
{
	enum { NODES = 10000 };
	struct stores *s = *state;
	struct task *tasks;
	size_t count;
	char id[24];
	int64_t rev, row, ids[NODES];
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (int i = 0; i < NODES; i++) {
		snprintf(id, sizeof(id), "v%d", i);
		struct task task = stores_task(s->user, id);
		task.parent_id = i > 0 ? ids[(i - 1) / 3] : 0;
		task.root_id = i > 0 ? ids[0] : 0;
		assert_int_equal(store_task_add(s->store, &task, &row, &rev), ERR_OK);
		ids[i] = row;
	}
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_task_lineage(s->store, s->arena, ids[0], NODES, &tasks, &count), ERR_OK);
	assert_int_equal(count, NODES);
	/* The last leaf: itself, and one ancestor on each floor. */
	assert_int_equal(store_task_lineage(s->store, s->arena, ids[NODES - 1], NODES, &tasks, &count),
	                 ERR_OK);
	assert_in_range(count, 8, 10);
	assert_int_equal(store_task_lineage(s->store, s->arena, ids[0], 50, &tasks, &count), ERR_OK);
	assert_int_equal(count, 50);
}

static int64_t
total(struct stores *s)
{
	int64_t count = -1;
	struct task_filter mine = {.user_id = s->user, .status = TASK_STATUS__MAX};
	assert_int_equal(store_task_count(s->store, &mine, &count), ERR_OK);
	return count;
}

TEST(a_deleted_task_is_hidden_and_keeps_its_place)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "gone"), found, *tasks;
	struct task_filter mine = {.user_id = s->user, .status = TASK_STATUS__MAX};
	struct task_page page = {.limit = 10};
	struct task_found listed;
	size_t count;
	bool more;
	int64_t rev;
	task.client_request_id = "r1";
	int64_t id = stores_add(s->store, &task);
	int64_t child = add_remix(s, "child", id, id);
	assert_int_equal(total(s), 2);
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 7777, &rev), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 7777, &rev), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);

	assert_int_equal(store_task_get(s->store, s->arena, s->user, "gone", &found), ERR_TASK_NOT_FOUND);
	assert_int_equal(store_task_find(s->store, s->arena, s->user, "gone", &found), ERR_OK);
	assert_true(found.deleted);
	assert_string_equal(found.prompt, "");
	assert_int_equal(store_task_by_request(s->store, s->arena, s->user, "r1", &found), ERR_OK);
	assert_int_equal(store_task_list(s->store, s->arena, &mine, &page, &listed), ERR_OK);
	assert_int_equal(listed.count, 1);
	assert_int_equal(total(s), 1);
	assert_string_equal(lineage_of(s, child), "gone child");
	assert_int_equal(store_feed_since(s->store, s->arena,
	                                  &(struct feed_window){s->user, rev - 1, 10, 1000}, &tasks, &count,
	                                  &more),
	                 ERR_OK);
	assert_int_equal(count, 1);
	assert_true(tasks[0].deleted);
	/* A move of a hidden task does not bring it back into the count. */
	struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_FAILED);
	stores_make(s->store, &move);
	assert_int_equal(total(s), 1);
}

TEST(another_attempt_begins_anew_and_the_last_is_kept)
{
	struct stores *s = *state;
	int64_t id = add_remix(s, "again", 0, 0), rev;
	struct task_retry again = {.id = id,
	                           .from = TASK_STATE_FAILED,
	                           .to = TASK_STATE_READY,
	                           .now = 5000,
	                           .due_at = 5000,
	                           .deadline_at = 9000};
	struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_FAILED);
	move.external_id = "job-1";
	move.error_code = "generation_failed";
	move.completed_at = 4000;
	stores_make(s->store, &move);

	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	struct task task = stores_get(s, "again");
	assert_int_equal(task.attempt, 2);
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_null(task.external_id);
	assert_null(task.error_code);
	assert_int_equal(task.completed_at, 0);
	assert_int_equal(task.deadline_at, 9000);
	assert_int_equal(task.rev, rev);
	assert_int_equal(
	    raw_number(s->store,
	               "SELECT count(*) FROM attempt WHERE n = 1 AND external_id = 'job-1' AND error_code = "
	               "'generation_failed' AND ended_at = 4000"),
	    1);

	/* Not from another state, and without a trace. */
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_CONFLICT);
	store_rollback(s->store);
	assert_int_equal(raw_number(s->store, "SELECT count(*) FROM attempt"), 1);
}

/* Deleted, a task that has timed out is looked at no more; one that is to be called off upstream still is. */
TEST(only_what_is_called_off_stays_due)
{
	struct stores *s = *state;
	const enum task_state states[] = {TASK_STATE_FAILED, TASK_STATE_CANCELLED};
	const char *const names[] = {"f", "c"};
	for (int i = 0; i < 2; i++) {
		struct task task = stores_task(s->user, names[i]);
		int64_t rev;
		task.state = states[i];
		task.owner = "p";
		task.due_at = 5000;
		int64_t id = stores_add(s->store, &task);
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_task_delete(s->store, id, 2000, &rev), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		assert_int_equal(store_task_find(s->store, s->arena, 0, names[i], &task), ERR_OK);
		assert_int_equal(task.due_at, i == 0 ? 0 : 5000);
		assert_int_equal(task.owner == NULL, i == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lineage_is_ancestors_and_all_below, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_tree_of_ten_thousand, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_deleted_task_is_hidden_and_keeps_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(only_what_is_called_off_stays_due, setup, teardown),
	    cmocka_unit_test_setup_teardown(another_attempt_begins_anew_and_the_last_is_kept, setup,
	                                    teardown),
	};
	return cmocka_run_group_tests_name("store/lineage", tests, NULL, NULL);
}
