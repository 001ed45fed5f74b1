/* Lists and counts, against the same answers worked out by hand. */

#include <stdio.h>
#include <string.h>

#include "sql_queries.h"
#include "store/list.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum { TASKS = 900 };

/* The same numbers in each run. */
static unsigned
dice(unsigned *seed, unsigned sides)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % sides;
}

static const char *const models[] = {"sora_video2", "veo", NULL};
static const char *const media[] = {"VIDEO", "IMAGE"};

/* Two users' tasks, moved about at random, so that the order of creation is not that of change. */
static int
setup(void **state)
{
	struct stores *s = stores_new();
	int64_t users[] = {s->user, stores_user(s->store, "bea")}, id, rev;
	unsigned seed = 1;
	*state = s;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (int i = 0; i < TASKS; i++) {
		char name[24];
		snprintf(name, sizeof(name), "video_%d", i);
		struct task task = stores_task(users[dice(&seed, 2)], name);
		task.model = models[dice(&seed, 3)];
		task.media_type = media[dice(&seed, 2)];
		task.created_at = 1000 + dice(&seed, 500);
		assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	}
	for (int i = 0; i < 4 * TASKS; i++) {
		struct task_move move = stores_move(1 + dice(&seed, TASKS), dice(&seed, TASK_STATE__MAX),
		                                    dice(&seed, TASK_STATE__MAX));
		enum err_code err = store_task_move(s->store, &move, &rev);
		assert_true(err == ERR_OK || err == ERR_CONFLICT);
	}
	assert_int_equal(store_commit(s->store), ERR_OK);
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static struct task_filter
filter_of(struct stores *s, unsigned shape)
{
	return (struct task_filter){
	    .user_id = shape & LIST_WALK_USER ? s->user : 0,
	    .status = shape & LIST_WALK_STATUS ? TASK_PROCESSING : TASK_STATUS__MAX,
	    .model = shape & LIST_WALK_MODEL ? "sora_video2" : NULL,
	    .media_type = shape & LIST_WALK_MEDIA_TYPE ? "VIDEO" : NULL,
	};
}

static bool
matches(const struct task_filter *f, const struct task *task)
{
	return (f->user_id == 0 || f->user_id == task->user_id) &&
	       (f->status == TASK_STATUS__MAX || f->status == task_state_status(task->state)) &&
	       (f->model == NULL || (task->model != NULL && strcmp(f->model, task->model) == 0)) &&
	       (f->media_type == NULL || strcmp(f->media_type, task->media_type) == 0);
}

static int64_t
key(const struct task_page *page, const struct task *task)
{
	return page->order == TASK_BY_UPDATED ? task->rev : task->id;
}

/* Walks through all pages; each task must match and stand in order behind the last one. */
static size_t
walk(struct stores *s, const struct task_filter *filter, struct task_page *page)
{
	struct task_found found;
	size_t seen = 0;
	do {
		assert_int_equal(store_task_list(s->store, s->arena, filter, page, &found), ERR_OK);
		assert_true(found.count <= (size_t)page->limit && found.stopped == 0);
		for (size_t i = 0; i < found.count; i++) {
			int64_t next = key(page, &found.tasks[i]);
			assert_true(matches(filter, &found.tasks[i]));
			assert_true(page->after == 0 ||
			            (page->ascending ? next > page->after : next < page->after));
			page->after = next;
		}
		seen += found.count;
	} while (found.count > 0);
	return seen;
}

TEST(every_combination_lists_and_counts_right)
{
	struct stores *s = *state;
	struct task_found all;
	struct task_filter any = filter_of(s, 0);
	struct task_page whole = {.limit = 1000};
	assert_int_equal(store_task_list(s->store, s->arena, &any, &whole, &all), ERR_OK);
	assert_int_equal(all.count, TASKS);
	assert_int_equal(all.total, TASKS);
	for (unsigned shape = 0; shape < 1u << 6; shape++) {
		struct task_filter filter = filter_of(s, shape);
		struct task_page page = {.order =
		                             shape & LIST_WALK_UPDATED ? TASK_BY_UPDATED : TASK_BY_CREATED,
		                         .ascending = (shape & LIST_WALK_ASCENDING) != 0,
		                         .limit = 7};
		int64_t count = -1;
		size_t expected = 0;
		for (size_t i = 0; i < all.count; i++)
			expected += matches(&filter, &all.tasks[i]);
		assert_true(expected > 0);
		assert_int_equal(walk(s, &filter, &page), expected);
		assert_int_equal(store_task_count(s->store, &filter, &count), ERR_OK);
		assert_int_equal(count, expected);
	}
}

TEST(tally_is_the_truth_for_each_status)
{
	struct stores *s = *state;
	for (unsigned shape = 0; shape < LIST_WALK_MEDIA_TYPE; shape++) {
		for (int status = 0; status < TASK_STATUS__MAX; status++) {
			struct task_filter filter = filter_of(s, shape);
			struct task_page page = {.limit = 50};
			int64_t count = -1;
			filter.status = (enum task_status)status;
			assert_int_equal(store_task_count(s->store, &filter, &count), ERR_OK);
			assert_int_equal(count, walk(s, &filter, &page));
		}
	}
}

TEST(offset_passes_tasks_over)
{
	struct stores *s = *state;
	for (unsigned shape = 0; shape < 1u << 6; shape++) {
		struct task_filter filter = filter_of(s, shape);
		struct task_page page = {.order =
		                             shape & LIST_WALK_UPDATED ? TASK_BY_UPDATED : TASK_BY_CREATED,
		                         .ascending = (shape & LIST_WALK_ASCENDING) != 0,
		                         .limit = 20};
		struct task_found first, second;
		assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &first), ERR_OK);
		page.offset = 5;
		assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &second), ERR_OK);
		assert_true(second.count + 5 >= first.count && first.count > 0);
		for (size_t i = 0; i + 5 < first.count; i++)
			assert_int_equal(second.tasks[i].id, first.tasks[i + 5].id);
		page.offset = 100000000;
		assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &second), ERR_OK);
		assert_int_equal(second.count, 0);
		assert_int_equal(second.stopped, 0);
	}
}

/* As many as a client may make up of models: they are not added up for each list. */
TEST(too_many_kinds_are_not_counted)
{
	struct stores *s = *state;
	struct task_filter filter = filter_of(s, LIST_WALK_USER | LIST_WALK_MODEL);
	struct task_page page = {.limit = 200};
	struct task_found before, found;
	assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &before), ERR_OK);
	assert_in_range(before.total, 10, TASKS);
	raw_run(s->store, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
	                  "INSERT INTO tally (user_id, model, media_type, status, n)"
	                  "SELECT 1, 'model ' || i, 'VIDEO', 'FAILED', 0 FROM n");
	for (int order = 0; order < 2; order++) {
		page.order = order == 0 ? TASK_BY_CREATED : TASK_BY_UPDATED;
		assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &found), ERR_OK);
		assert_int_equal(found.total, -1);
		assert_int_equal(found.count, before.count);
	}
	raw_run(s->store, "DELETE FROM tally WHERE model LIKE 'model %'");
	assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &found), ERR_OK);
	assert_int_equal(found.total, before.total);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_combination_lists_and_counts_right),
	    cmocka_unit_test(tally_is_the_truth_for_each_status),
	    cmocka_unit_test(offset_passes_tasks_over),
	    cmocka_unit_test(too_many_kinds_are_not_counted),
	};
	return cmocka_run_group_tests_name("store/list", tests, setup, teardown);
}
