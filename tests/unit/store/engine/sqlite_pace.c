/* The log while a reader takes long: its growth ends. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "store/db.h"
#include "store/engine/sqlite.h"
#include "store/claim.h"
#include "store/list.h"
#include "store/search.h"
#include "support/stores.h"
#include "support/tmpdir.h"
#include "support/test.h"

enum { SOFT = 512 * 1024, PROMPT = 20000, WRITERS = 2, WRITE_MS = 1500, COMMITS_OVER = 60 };

struct writer {
	pthread_t thread;
	struct store *store;
	struct task task;
	int64_t until, slowest; /* ms */
	int commits;
	char name[16], prompt[PROMPT + 1];
};

/* Commits as fast as it can until its time is over. */
static void *
write_on(void *cookie)
{
	struct writer *writer = cookie;
	int64_t id, rev, began;
	char video_id[48];
	while ((began = clock_mono_ms()) < writer->until) {
		snprintf(video_id, sizeof(video_id), "video_%s_%d", writer->name, writer->commits);
		writer->task.video_id = video_id;
		if (store_begin(writer->store, STORE_RELAXED) != ERR_OK ||
		    store_task_add(writer->store, &writer->task, &id, &rev) != ERR_OK ||
		    store_commit(writer->store) != ERR_OK)
			break;
		writer->commits++;
		int64_t took = clock_mono_ms() - began;
		writer->slowest = took > writer->slowest ? took : writer->slowest;
	}
	return writer;
}

/* Bytes of the log after writers have had their time while a snapshot was held. */
static int64_t
log_after(struct stores *s, bool paced, int64_t *ret_slowest)
{
	static struct writer writers[WRITERS];
	struct store *reader = NULL;
	struct stat st;
	int64_t due_at;
	char *path = tmpdir_path(s->dir, "longreel.db-wal");
	assert_int_equal(store_open(s->dir, STORE_WRITE, &reader), ERR_OK);
	assert_int_equal(store_snapshot(reader), ERR_OK);
	assert_int_equal(store_task_next_due(reader, &due_at), ERR_OK);
	*ret_slowest = 0;
	for (int i = 0; i < WRITERS; i++) {
		struct writer *writer = &writers[i];
		*writer = (struct writer){.until = clock_mono_ms() + WRITE_MS};
		snprintf(writer->name, sizeof(writer->name), "%d_%d", i, paced);
		memset(writer->prompt, 'x', PROMPT);
		writer->task = stores_task(s->user, "");
		writer->task.prompt = writer->prompt;
		assert_int_equal(store_open(s->dir, STORE_WRITE, &writer->store), ERR_OK);
		if (paced)
			((struct sqlite *)writer->store->db)->log_soft = SOFT;
		assert_int_equal(pthread_create(&writer->thread, NULL, write_on, writer), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		store_close(writers[i].store);
		assert_true(writers[i].commits > 0);
		*ret_slowest = writers[i].slowest > *ret_slowest ? writers[i].slowest : *ret_slowest;
	}
	assert_int_equal(stat(path, &st), 0);
	store_snapshot_end(reader);
	store_close(reader);
	free(path);
	return st.st_size;
}

TEST(writers_are_slowed_down_where_the_log_grows)
{
	struct stores *s = stores_new();
	int64_t slowest, paced = log_after(s, true, &slowest);
	assert_in_range(paced, 1, 8 * SOFT);
	assert_true(slowest < 5000);
	stores_free(s);
	/* As it would be else. */
	s = stores_new();
	assert_true(log_after(s, false, &slowest) > paced);
	stores_free(s);
}

/* ---- many writers ---- */

enum { CROWD = 8, SLOW_MS = 50 };

/* The ms that an own commit waited for others, of those that `ms` were spent on commits, while a crowd wrote
 * and a snapshot was held. */
static int64_t
held_back(struct stores *s, int64_t ms)
{
	static struct writer crowd[CROWD];
	struct store *reader = NULL;
	int64_t due_at, waited = 0, until = clock_mono_ms() + ms;
	struct task task = stores_task(s->user, "video_own");
	char name[32];
	assert_int_equal(store_open(s->dir, STORE_WRITE, &reader), ERR_OK);
	assert_int_equal(store_snapshot(reader), ERR_OK);
	assert_int_equal(store_task_next_due(reader, &due_at), ERR_OK);
	for (int i = 0; i < CROWD; i++) {
		struct writer *writer = &crowd[i];
		*writer = (struct writer){.until = until};
		snprintf(writer->name, sizeof(writer->name), "c%d", i);
		memset(writer->prompt, 'x', PROMPT);
		writer->task = stores_task(s->user, "");
		writer->task.prompt = writer->prompt;
		assert_int_equal(store_open(s->dir, STORE_WRITE, &writer->store), ERR_OK);
		((struct sqlite *)writer->store->db)->log_soft = SOFT;
		assert_int_equal(pthread_create(&writer->thread, NULL, write_on, writer), 0);
	}
	task.video_id = name;
	for (int i = 0; clock_mono_ms() < until; i++) {
		int64_t began = clock_mono_ms();
		snprintf(name, sizeof(name), "video_own%d", i);
		stores_add(s->store, &task);
		int64_t took = clock_mono_ms() - began;
		waited += took > SLOW_MS ? took : 0;
	}
	for (int i = 0; i < CROWD; i++) {
		pthread_join(crowd[i].thread, NULL);
		store_close(crowd[i].store);
	}
	store_snapshot_end(reader);
	store_close(reader);
	return waited;
}

TEST(one_of_many_writers_tries_to_begin_the_log_anew_and_the_others_write)
{
	struct stores *s = stores_new();
	assert_in_range(held_back(s, WRITE_MS), 0, WRITE_MS * 2 / 3);
	stores_free(s);
}

TEST(a_loop_does_not_sleep_in_a_commit_but_is_told_what_it_owes)
{
	struct stores *s = stores_new();
	struct store *loop = NULL, *reader = NULL;
	static char prompt[PROMPT + 1];
	struct task task = stores_task(s->user, "");
	char name[32];
	int64_t due_at, began, slowest = 0;
	assert_int_equal(store_open(s->dir, STORE_WRITE, &reader), ERR_OK);
	assert_int_equal(store_open(s->dir, STORE_WRITE_LOOP, &loop), ERR_OK);
	((struct sqlite *)loop->db)->log_soft = SOFT;
	assert_int_equal(store_snapshot(reader), ERR_OK);
	assert_int_equal(store_task_next_due(reader, &due_at), ERR_OK);
	task.video_id = name;
	task.prompt = memset(prompt, 'x', PROMPT);
	assert_int_equal(store_owed(loop), 0);
	for (int i = 0; i < 2 * COMMITS_OVER; i++) {
		began = clock_mono_ms();
		snprintf(name, sizeof(name), "video_loop%d", i);
		stores_add(loop, &task);
		int64_t took = clock_mono_ms() - began;
		slowest = took > slowest ? took : slowest;
	}
	assert_in_range(slowest, 0, 500); /* the last ones would have waited for a second each */
	assert_int_equal(store_owed(loop), 10000);
	assert_int_equal(store_owed(loop), 0);
	/* Without the reader its own thread begins the log anew. */
	store_snapshot_end(reader);
	store_close(reader);
	struct sqlite *sqlite = loop->db;
	for (int i = 0; sqlite->owed != 0 || i < 2; i++) {
		snprintf(name, sizeof(name), "video_anew%d", i);
		stores_add(loop, &task);
		sqlite_pace_end(sqlite);
		assert_true(i < 1000);
	}
	store_close(loop);
	stores_free(s);
}

/* ---- short reads without a pause ---- */

enum { READERS = 3, COMMITS = 100, READ_TASKS = 100 };

struct searcher {
	pthread_t thread;
	struct store *store;
	atomic_bool *stop;
	int searches;
	bool failed;
};

/* Searches for what is nowhere, among tasks that are in no block yet: what takes longest. */
static void *
search_on(void *cookie)
{
	struct searcher *searcher = cookie;
	struct arena *arena = arena_new();
	const struct task_filter filter = {.user_id = 2, .status = TASK_STATUS__MAX, .text = "nowhere"};
	const struct task_page page = {.limit = 20};
	struct task_found found;
	while (!*searcher->stop && !searcher->failed) {
		searcher->failed = store_task_list(searcher->store, arena, &filter, &page, &found) != ERR_OK;
		searcher->searches++;
		arena_reset(arena);
	}
	arena_free(arena);
	return searcher;
}

/* Adds `count` tasks, a commit each. Returns the greatest size of the log. */
static int64_t
add_tasks(struct stores *s, struct task *task, const char *prefix, int count)
{
	int64_t longest = 0;
	char name[32], *path = tmpdir_path(s->dir, "longreel.db-wal");
	struct stat st;
	task->video_id = name;
	for (int i = 0; i < count && longest <= 3 * SOFT; i++) {
		snprintf(name, sizeof(name), "video_%s%d", prefix, i);
		stores_add(s->store, task);
		assert_int_equal(stat(path, &st), 0);
		longest = st.st_size > longest ? st.st_size : longest;
	}
	free(path);
	return longest;
}

TEST(searches_without_a_pause_do_not_make_the_log_grow)
{
	struct stores *s = stores_new();
	struct searcher searchers[READERS] = {0};
	atomic_bool stop = false;
	static char prompt[PROMPT + 1];
	struct task task = stores_task(stores_user(s->store, "bea"), "");
	((struct sqlite *)s->store->db)->log_soft = SOFT;
	task.prompt = memset(prompt, 'x', PROMPT);
	assert_in_range(add_tasks(s, &task, "", READ_TASKS), SOFT, 3 * SOFT);
	for (int i = 0; i < READERS; i++) {
		searchers[i].stop = &stop;
		assert_int_equal(store_open(s->dir, STORE_READ, &searchers[i].store), ERR_OK);
		assert_int_equal(pthread_create(&searchers[i].thread, NULL, search_on, &searchers[i]), 0);
	}
	task.user_id = s->user;
	int64_t longest = add_tasks(s, &task, "more", COMMITS);
	stop = true;
	for (int i = 0; i < READERS; i++) {
		pthread_join(searchers[i].thread, NULL);
		assert_false(searchers[i].failed);
		assert_true(searchers[i].searches > 3);
		store_close(searchers[i].store);
	}
	assert_in_range(longest, SOFT, 3 * SOFT);
	stores_free(s);
}

TEST(waits_grow_with_the_log)
{
	int64_t last = 0;
	assert_int_equal(sqlite_pace(0, SOFT), 0);
	assert_int_equal(sqlite_pace(SOFT, SOFT), 0);
	for (int64_t bytes = SOFT + 1; bytes < 4 * SOFT; bytes += 1024) {
		int64_t wait = sqlite_pace(bytes, SOFT);
		assert_in_range(wait, 8, 1024);
		assert_true(wait >= last);
		last = wait;
	}
	assert_int_equal(sqlite_pace(2 * SOFT, SOFT), 1024);
	assert_int_equal(sqlite_pace(INT64_C(1) << 50, SOFT), 1024);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_grow_with_the_log),
	    cmocka_unit_test(writers_are_slowed_down_where_the_log_grows),
	    cmocka_unit_test(one_of_many_writers_tries_to_begin_the_log_anew_and_the_others_write),
	    cmocka_unit_test(a_loop_does_not_sleep_in_a_commit_but_is_told_what_it_owes),
	    cmocka_unit_test(searches_without_a_pause_do_not_make_the_log_grow),
	};
	return cmocka_run_group_tests_name("store/engine/sqlite_pace", tests, NULL, NULL);
}
