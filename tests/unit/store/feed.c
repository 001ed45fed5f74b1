/* The feed: pages, and that nothing is ever skipped. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "store/feed.h"
#include "store/store.h"
#include "store/task.h"
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

struct page {
	struct task *tasks;
	size_t count;
	bool more;
};

static struct page
since(struct stores *s, int64_t user, int64_t rev, int64_t limit, int64_t bytes)
{
	struct page page = {0};
	assert_int_equal(store_feed_since(s->store, s->arena, &(struct feed_window){user, rev, limit, bytes},
	                                  &page.tasks, &page.count, &page.more),
	                 ERR_OK);
	return page;
}

static void
add_tasks(struct stores *s, int64_t user, const char *prefix, int count, const char *prompt)
{
	for (int i = 0; i < count; i++) {
		char name[24];
		snprintf(name, sizeof(name), "%s%d", prefix, i);
		struct task task = stores_task(user, name);
		task.prompt = prompt;
		stores_add(s->store, &task);
	}
}

TEST(each_task_comes_once_in_its_latest_state)
{
	struct stores *s = *state;
	int64_t other = stores_user(s->store, "bea");
	add_tasks(s, s->user, "a", 3, "p");
	add_tasks(s, other, "b", 2, "p");
	struct page page = since(s, s->user, 0, 100, 1000000);
	assert_int_equal(page.count, 3);
	assert_false(page.more);
	struct task_move move = stores_move(page.tasks[0].id, TASK_STATE_READY, TASK_STATE_RUNNING);
	int64_t rev = stores_make(s->store, &move);
	assert_int_equal(rev, 6);
	page = since(s, s->user, 0, 100, 1000000);
	assert_int_equal(page.count, 3);
	assert_string_equal(page.tasks[2].video_id, "a0");
	assert_int_equal(page.tasks[2].state, TASK_STATE_RUNNING);
	assert_int_equal(page.tasks[2].rev, rev);
	assert_int_equal(since(s, s->user, rev, 100, 1000000).count, 0);
	assert_int_equal(since(s, s->user, 3, 100, 1000000).count, 1);
}

TEST(page_ends_at_its_limit)
{
	struct stores *s = *state;
	add_tasks(s, s->user, "a", 20, "p");
	struct page page = since(s, s->user, 0, 19, 1000000);
	assert_int_equal(page.count, 19);
	assert_true(page.more);
	page = since(s, s->user, 0, 20, 1000000);
	assert_int_equal(page.count, 20);
	assert_false(page.more);
	page = since(s, s->user, page.tasks[18].rev, 19, 1000000);
	assert_int_equal(page.count, 1);
	assert_false(page.more);
}

TEST(page_ends_where_its_bytes_do)
{
	struct stores *s = *state;
	char prompt[1001];
	memset(prompt, 'p', 1000);
	prompt[1000] = '\0';
	add_tasks(s, s->user, "a", 10, prompt);
	struct page page = since(s, s->user, 0, 100, 2500);
	assert_int_equal(page.count, 3);
	assert_true(page.more);
	page = since(s, s->user, 0, 100, 0);
	assert_int_equal(page.count, 1);
	assert_true(page.more);
	page = since(s, s->user, 7, 100, 2500);
	assert_int_equal(page.count, 3);
	assert_false(page.more);
}

TEST(changes_name_each_user_once)
{
	struct stores *s = *state;
	struct feed_change *changes;
	size_t count;
	int64_t other = stores_user(s->store, "bea");
	assert_int_equal(store_feed_changes(s->store, s->arena, 0, &changes, &count), ERR_OK);
	assert_int_equal(count, 0);
	add_tasks(s, s->user, "a", 3, "p");
	add_tasks(s, other, "b", 2, "p");
	assert_int_equal(store_feed_changes(s->store, s->arena, 0, &changes, &count), ERR_OK);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(changes[i].rev, changes[i].user_id == s->user ? 3 : 5);
	assert_int_equal(store_feed_changes(s->store, s->arena, 3, &changes, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(changes[0].user_id, other);
	assert_int_equal(store_feed_changes(s->store, s->arena, 5, &changes, &count), ERR_OK);
	assert_int_equal(count, 0);
}

enum { WRITERS = 4, ADDS = 150 };

struct writer {
	const char *dir;
	int64_t user;
	int number;
	enum err_code err;
	atomic_int *left;
};

/* Adds tasks and moves each, in transactions of its own. */
static void *
write_tasks(void *cookie)
{
	struct writer *w = cookie;
	struct store *store = NULL;
	int64_t id, rev;
	w->err = store_open(w->dir, STORE_WRITE, &store);
	for (int i = 0; i < ADDS && w->err == ERR_OK; i++) {
		char name[24];
		snprintf(name, sizeof(name), "w%d_%d", w->number, i);
		struct task task = stores_task(w->user, name);
		w->err = store_begin(store, i % 5 ? STORE_RELAXED : STORE_DURABLE);
		if (w->err == ERR_OK)
			w->err = store_task_add(store, &task, &id, &rev);
		if (w->err == ERR_OK)
			w->err = store_commit(store);
		if (w->err == ERR_OK)
			w->err = store_begin(store, STORE_RELAXED);
		struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_RUNNING);
		if (w->err == ERR_OK)
			w->err = store_task_move(store, &move, &rev);
		if (w->err == ERR_OK)
			w->err = store_commit(store);
	}
	store_close(store);
	atomic_fetch_sub(w->left, 1);
	return NULL;
}

/* A reader that only ever asks for what is after the last revision it saw ends up with every task in its last
 * state, however its reads fall between the writers' commits. */
TEST(reader_never_skips)
{
	struct stores *s = *state;
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	atomic_int left = WRITERS;
	bool moved[2 * WRITERS * ADDS] = {false};
	int64_t rev = 0, tasks_moved = 0;
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){.dir = s->dir, .user = s->user, .number = i, .left = &left};
		assert_int_equal(pthread_create(&threads[i], NULL, write_tasks, &writers[i]), 0);
	}
	for (bool last = false; !last;) {
		last = atomic_load(&left) == 0;
		struct page page;
		do {
			page = since(s, s->user, rev, 10, 1000000);
			for (size_t i = 0; i < page.count; i++) {
				assert_true(page.tasks[i].rev > rev);
				rev = page.tasks[i].rev;
				assert_true(page.tasks[i].id < 2 * WRITERS * ADDS);
				if (page.tasks[i].state == TASK_STATE_RUNNING) {
					assert_false(moved[page.tasks[i].id]);
					moved[page.tasks[i].id] = true;
					tasks_moved++;
				}
			}
			arena_reset(s->arena);
		} while (page.count > 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(writers[i].err, ERR_OK);
	}
	assert_int_equal(tasks_moved, WRITERS * ADDS);
	assert_int_equal(rev, 2 * WRITERS * ADDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_task_comes_once_in_its_latest_state, setup, teardown),
	    cmocka_unit_test_setup_teardown(page_ends_at_its_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(page_ends_where_its_bytes_do, setup, teardown),
	    cmocka_unit_test_setup_teardown(changes_name_each_user_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(reader_never_skips, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/feed", tests, NULL, NULL);
}
