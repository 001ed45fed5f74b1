/* Pages by cursor while others create, change, delete and index: no task twice, and none missing. */
#include <stdio.h>
#include <string.h>

#include "sql_queries.h"
#include "store/db.h"
#include "store/gram.h"
#include "store/list.h"
#include "store/search.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum { TASKS = 1200, MOST = 4 * TASKS, PAGE = 30 };

/* What is to be seen, and how often it was. */
static struct {
	bool there, touched;
	int times;
	int64_t rev;
} seen[MOST];

struct reading {
	struct stores *s;
	struct store *other; /* that writes */
	struct task_filter filter;
	struct task_page page;
	struct task_found found;
	int64_t next; /* the id of the next task */
	int turn;
};

static void
add_task(struct reading *r)
{
	char name[24], prompt[40];
	int64_t id, rev;
	snprintf(name, sizeof(name), "video_%d", (int)r->next);
	snprintf(prompt, sizeof(prompt), "%s number %d", r->next % 3 == 0 ? "a cat" : "a dog", (int)r->next);
	struct task task = stores_task(r->s->user, name);
	task.prompt = prompt;
	task.model = r->next % 2 == 0 ? "even" : "odd";
	assert_int_equal(store_task_add(r->other, &task, &id, &rev), ERR_OK);
	assert_int_equal(id, r->next++);
	assert_in_range(id, 1, MOST - 1);
}

/* One commit of another program's: each time in other places. */
static void
write_something(void *cookie)
{
	struct reading *r = cookie;
	int64_t rev = 0, changed = 1 + (r->turn * 7919) % TASKS, gone = 1 + (r->turn * 104729) % TASKS;
	r->turn++;
	assert_int_equal(store_begin(r->other, STORE_RELAXED), ERR_OK);
	add_task(r);
	struct task_move move = stores_move(changed, TASK_STATE_READY, TASK_STATE_FAILED);
	move.now = 3000;
	enum err_code err = store_task_move(r->other, &move, &rev);
	assert_true(err == ERR_OK || err == ERR_CONFLICT);
	seen[changed].touched = seen[changed].touched || err == ERR_OK;
	err = store_task_delete(r->other, gone, 5000, &rev);
	assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
	seen[gone].touched = true;
	assert_int_equal(store_search_index(r->other, r->s->arena, r->s->user), ERR_OK);
	assert_int_equal(store_commit(r->other), ERR_OK);
}

static void
read_page(void *cookie)
{
	struct reading *r = cookie;
	assert_int_equal(store_snapshot(r->s->store), ERR_OK);
	assert_int_equal(store_task_list(r->s->store, r->s->arena, &r->filter, &r->page, &r->found), ERR_OK);
	store_snapshot_end(r->s->store);
}

static void
note(const struct reading *r, const struct task *task)
{
	bool again = r->page.order == TASK_BY_UPDATED && r->page.ascending && task->rev > seen[task->id].rev;
	if (seen[task->id].times > 0 && !again)
		fail_msg("task %d comes twice", (int)task->id);
	seen[task->id].times++;
	seen[task->id].rev = task->rev;
}

static bool
is_meant(const struct reading *r, int64_t id)
{
	return (r->filter.text == NULL || id % 3 == 0) && (r->filter.model == NULL || id % 2 == 0);
}

static void
read_all(struct reading *r)
{
	int64_t first_new = r->next, pages = 0;
	memset(seen, 0, sizeof(seen));
	struct task_filter all = {.user_id = r->s->user, .status = TASK_STATUS__MAX};
	struct task_found whole;
	assert_int_equal(
	    store_task_list(r->s->store, r->s->arena, &all, &(struct task_page){.limit = MOST}, &whole),
	    ERR_OK);
	for (size_t i = 0; i < whole.count; i++)
		seen[whole.tasks[i].id].there = true;
	do {
		/* Others write amid each page, and before the next. */
		raw_amid(r->s->store, 200 + 37 * (int)(pages % 20), write_something, read_page, r);
		write_something(r);
		for (size_t i = 0; i < r->found.count; i++)
			note(r, &r->found.tasks[i]);
		if (r->found.count > 0) {
			const struct task *last = &r->found.tasks[r->found.count - 1];
			r->page.after = r->page.order == TASK_BY_UPDATED ? last->rev : last->id;
		}
		if (r->found.stopped != 0)
			r->page.after = r->found.stopped;
		arena_reset(r->s->arena);
	} while ((r->found.count == PAGE || r->found.stopped != 0) && ++pages < 200);
	for (int64_t id = 1; id < first_new; id++) {
		bool wanted = seen[id].there && !seen[id].touched && is_meant(r, id);
		if (wanted && seen[id].times != 1)
			fail_msg("task %d comes %d times", (int)id, seen[id].times);
		if (!is_meant(r, id))
			assert_int_equal(seen[id].times, 0);
	}
}

TEST(each_task_comes_once)
{
	(void)state;
	for (unsigned shape = 0; shape < 16; shape++) {
		struct stores *s = stores_new();
		struct reading r = {
		    .s = s,
		    .next = 1,
		    .filter = {.user_id = s->user,
		               .status = TASK_STATUS__MAX,
		               .text = shape & 1 ? "CAT" : NULL,
		               .model = shape & 2 ? "even" : NULL},
		    .page = {.limit = PAGE,
		             .order = shape & 4 ? TASK_BY_UPDATED : TASK_BY_CREATED,
		             .ascending = (shape & 8) != 0},
		};
		assert_int_equal(store_open(s->dir, STORE_WRITE, &r.other), ERR_OK);
		assert_int_equal(store_begin(r.other, STORE_RELAXED), ERR_OK);
		while (r.next <= TASKS)
			add_task(&r);
		assert_int_equal(store_commit(r.other), ERR_OK);
		read_all(&r);
		store_close(r.other);
		stores_free(s);
	}
}

/* Adds blocks that have one task each, and no gram. */
static void
add_blocks(struct stores *s, int64_t count)
{
	uint8_t id[sizeof(int64_t)];
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (int64_t i = 1; i <= count; i++) {
		struct query query = db_query(s->store, SQL_SEARCH_BLOCK_ADD);
		gram_put_id(id, 0, i);
		db_int(&query, ":user_id", s->user);
		db_int(&query, ":first_id", i);
		db_blob(&query, ":ids", id, sizeof(id));
		assert_int_equal(db_run(&query), ERR_OK);
	}
	assert_int_equal(store_commit(s->store), ERR_OK);
}

/* The work of a page ends among blocks without a candidate, behind the one that has the task: no prompt was
 * read there. */
TEST(an_id_in_a_block_that_is_passed_over_is_found)
{
	for (int ascending = 0; ascending < 2; ascending++) {
		struct stores *s = stores_new();
		struct task_filter filter = {
		    .user_id = s->user, .status = TASK_STATUS__MAX, .text = "my request"};
		struct task_page page = {.limit = 2, .ascending = ascending != 0};
		struct task_found found;
		int pages = 0, times = 0;
		struct task task = stores_task(s->user, "video_a");
		task.client_request_id = "my request";
		stores_add(s->store, &task);
		raw_run(s->store, ascending ? "UPDATE task SET id = 1000" : "UPDATE task SET id = 7000");
		raw_run(s->store, "UPDATE tally SET n = 8000"); /* of which the others are not needed */
		add_blocks(s, 8000);
		do {
			assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &found), ERR_OK);
			times += (int)found.count;
			page.after = found.stopped;
			pages++;
		} while (found.stopped != 0);
		assert_int_equal(times, 1);
		assert_in_range(pages, 2, 8);
		stores_free(s);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_task_comes_once),
	    cmocka_unit_test(an_id_in_a_block_that_is_passed_over_is_found),
	};
	return cmocka_run_group_tests_name("store/list_pages", tests, NULL, NULL);
}
