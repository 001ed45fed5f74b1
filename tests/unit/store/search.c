/* Search, against the same answers worked out by hand, whatever part of the tasks is in the index. */

#include <stdio.h>
#include <string.h>

#include "base/fold.h"
#include "sql_queries.h"
#include "store/db.h"
#include "store/fault.h"
#include "store/gram.h"
#include "store/list.h"
#include "store/search.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum { TASKS = 1600 };

/* The same numbers in each run. */
static unsigned
dice(unsigned *seed, unsigned sides)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % sides;
}

static const char *const models[] = {"sora_video2", "veo", NULL};
static const char *const pieces[] = {
    "a Cat", "100% dog", "snake_case", "back\\slash", "snakeXcase", "夕阳下", "的猫",  "ÉTÉ",        "ＡＢＣ",
    "Заря",  "🎥 qz",     "aaab",       "the sea",     "walking",    "猫下夕", "Ελλάς", "snake_Case", "aab"};

static void
fill(struct stores *s, int tasks)
{
	int64_t users[] = {s->user, stores_user(s->store, "bea")}, id, rev;
	unsigned seed = 7;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (int i = 0; i < tasks; i++) {
		char name[24], request[24], job[24], prompt[200];
		snprintf(name, sizeof(name), "video_%d", i);
		snprintf(request, sizeof(request), "request %d", i / 2);
		snprintf(job, sizeof(job), "job_%d", i % 800);
		struct task task = stores_task(users[i % 2], name);
		task.client_request_id = request;
		task.external_id = job;
		task.model = models[dice(&seed, 3)];
		task.state = i % 5 == 0 ? TASK_STATE_COMPLETED : TASK_STATE_READY;
		task.prompt = prompt;
		snprintf(prompt, sizeof(prompt), "%s %s%s", pieces[dice(&seed, 12)], pieces[dice(&seed, 18)],
		         i == 401 ? " only HERE" : "");
		assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	}
	assert_int_equal(store_commit(s->store), ERR_OK);
}

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

/* Makes at most `most` blocks, as the poller does. Returns their number. */
static int
make_blocks(struct stores *s, int most)
{
	int64_t rev = 0, user;
	int made = 0;
	for (bool more = true; more && made < most;) {
		assert_int_equal(store_search_wanting(s->store, &rev, &user, &more), ERR_OK);
		if (user == 0)
			continue;
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_search_index(s->store, s->arena, user), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		made++;
	}
	return made;
}

static bool
matches(const struct task_filter *f, const struct task *task, const char *text)
{
	struct fold_needle needle;
	fold_needle_init(&needle, text);
	return (f->user_id == 0 || f->user_id == task->user_id) &&
	       (f->status == TASK_STATUS__MAX || f->status == task_state_status(task->state)) &&
	       (f->model == NULL || (task->model != NULL && strcmp(f->model, task->model) == 0)) &&
	       (f->media_type == NULL || strcmp(f->media_type, task->media_type) == 0) &&
	       (fold_contains(task->prompt, &needle) || strcmp(task->video_id, text) == 0 ||
	        strcmp(task->external_id, text) == 0 || strcmp(task->client_request_id, text) == 0);
}

static void
find(struct stores *s, const struct task_filter *filter, const struct task_page *page, const char *text,
     struct task_found *ret_found)
{
	struct task_filter wanted = *filter;
	wanted.text = text;
	assert_int_equal(store_task_list(s->store, s->arena, &wanted, page, ret_found), ERR_OK);
	assert_true(ret_found->count <= (size_t)page->limit);
}

/* Walks through all pages: each task must match and stand in order behind the last one. Returns their number.
 */
static size_t
walk(struct stores *s, const struct task_filter *filter, struct task_page page, const char *text)
{
	struct task_found found;
	size_t seen = 0;
	do {
		find(s, filter, &page, text, &found);
		for (size_t i = 0; i < found.count; i++) {
			const struct task *task = &found.tasks[i];
			int64_t next = page.order == TASK_BY_UPDATED ? task->rev : task->id;
			assert_true(matches(filter, task, text));
			assert_true(page.after == 0 ||
			            (page.ascending ? next > page.after : next < page.after));
			page.after = next;
		}
		seen += found.count;
		if (found.stopped != 0)
			page.after = found.stopped;
	} while (found.count > 0 || found.stopped != 0);
	return seen;
}

static const char *const texts[] = {"CAT", "猫",        "夕阳",   "qZ",          "zq",   "été",
                                    "abc", "заря",      "ΕΛΛΆΣ",  "e",           "E_C",  "%",
                                    "\\",  "only here", "🎥",      "nowhere",     "下夕", "aab",
                                    "'",   "video_17",  "job_33", "request 200", "猫猫", "walking 猫"};

static void
check_all(struct stores *s, const struct task *all, size_t total)
{
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		for (unsigned shape = 0; shape < 1u << 6; shape++) {
			struct task_filter filter = {
			    .user_id = shape & LIST_WALK_USER ? s->user : 0,
			    .status = shape & LIST_WALK_STATUS ? TASK_COMPLETED : TASK_STATUS__MAX,
			    .model = shape & LIST_WALK_MODEL ? "veo" : NULL,
			    .media_type = shape & LIST_WALK_MEDIA_TYPE ? "VIDEO" : NULL,
			};
			struct task_page page = {.order = shape & LIST_WALK_UPDATED ? TASK_BY_UPDATED
			                                                            : TASK_BY_CREATED,
			                         .ascending = (shape & LIST_WALK_ASCENDING) != 0,
			                         .limit = 37};
			size_t expected = 0;
			for (size_t i = 0; i < total; i++) {
				/* A client's id is one of a user's. */
				bool theirs =
				    filter.user_id != 0 || strcmp(all[i].client_request_id, texts[t]) != 0;
				expected += theirs && matches(&filter, &all[i], texts[t]);
			}
			size_t found = walk(s, &filter, page, texts[t]);
			if (found != expected)
				fail_msg("%s, %x: %zu, not %zu", texts[t], shape, found, expected);
		}
		arena_reset(s->arena);
	}
}

/* All tasks, of both users. */
static void
list_all(struct stores *s, struct arena *arena, struct task all[TASKS])
{
	size_t count = 0;
	for (int64_t user = s->user; count < TASKS; user++) {
		struct task_filter filter = {.user_id = user, .status = TASK_STATUS__MAX};
		struct task_found found;
		assert_int_equal(
		    store_task_list(s->store, arena, &filter, &(struct task_page){.limit = TASKS}, &found),
		    ERR_OK);
		assert_in_range(found.count, 1, TASKS - count);
		memcpy(all + count, found.tasks, found.count * sizeof(all[0]));
		count += found.count;
	}
}

TEST(every_question_is_answered_right_whatever_is_indexed)
{
	struct stores *s = *state;
	struct arena *lasting = arena_new();
	static struct task all[TASKS];
	fill(s, TASKS);
	list_all(s, lasting, all);
	check_all(s, all, TASKS);
	assert_int_equal(make_blocks(s, 5), 5);
	check_all(s, all, TASKS);
	assert_int_equal(make_blocks(s, 1000),
	                 TASKS / GRAM_BLOCK - 5 - TASKS % (2 * GRAM_BLOCK) / GRAM_BLOCK);
	assert_int_equal(make_blocks(s, 1000), 0);
	check_all(s, all, TASKS);
	arena_free(lasting);
}

TEST(pages_are_counted_in_matches)
{
	struct stores *s = *state;
	struct task_filter filter = {.user_id = s->user, .status = TASK_STATUS__MAX};
	struct task_page page = {.limit = 20};
	struct task_found first, second;
	fill(s, TASKS);
	make_blocks(s, 1000);
	find(s, &filter, &page, "cat", &first);
	assert_int_equal(first.count, 20);
	page.offset = 5;
	find(s, &filter, &page, "cat", &second);
	for (size_t i = 0; i + 5 < 20; i++)
		assert_int_equal(second.tasks[i].id, first.tasks[i + 5].id);
	page.offset = 100000;
	find(s, &filter, &page, "cat", &second);
	assert_int_equal(second.count, 0);
	assert_int_equal(second.stopped, 0);
}

static void delete (struct stores *s, int64_t id)
{
	int64_t rev;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 5000, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(deletion_leaves_no_trace)
{
	struct stores *s = *state;
	struct task_filter filter = {.user_id = s->user, .status = TASK_STATUS__MAX};
	struct task_page page = {.limit = 100};
	struct task_found found;
	bool match = false;
	int64_t first_id = 0;
	fill(s, TASKS);
	make_blocks(s, 1000);
	/* Odd ids are of the user. */
	find(s, &filter, &page, "猫", &found);
	delete (s, found.tasks[3].id);
	int64_t gone = found.tasks[3].id;
	find(s, &filter, &page, "猫", &found);
	for (size_t i = 0; i < found.count; i++)
		assert_int_not_equal(found.tasks[i].id, gone);
	int64_t before = raw_number(s->store, "SELECT count(*) FROM search_part WHERE id < 2 * 64");
	assert_true(before > 10);
	for (int64_t id = 1; id < 2 * GRAM_BLOCK; id += 2) {
		if (id != gone)
			delete (s, id);
	}
	/* The first block begins with the task 1, the other user's with 2. */
	assert_int_equal(raw_number(s->store, "SELECT count(*) FROM search_part WHERE id < 2 * 64"), 0);
	do {
		assert_int_equal(store_search_check(s->store, s->arena, &first_id, &match), ERR_OK);
		assert_true(match);
	} while (first_id != 0);
	assert_int_equal(make_blocks(s, 1000), 0);
}

/* A block has 64 tasks that are there, and is still right when they are not. */
TEST(deleted_before_it_is_indexed)
{
	struct stores *s = *state;
	bool match = false;
	int64_t first_id = 0;
	fill(s, 2 * GRAM_BLOCK + 4);
	delete (s, 1);
	delete (s, 33);
	assert_int_equal(make_blocks(s, 1000), 2);
	delete (s, 3);
	delete (s, 35);
	delete (s, 2 * GRAM_BLOCK + 3);
	for (int blocks = 0; blocks < 2; blocks++) {
		assert_int_equal(store_search_check(s->store, s->arena, &first_id, &match), ERR_OK);
		assert_true(match && first_id == 2 + blocks);
	}
}

struct checking {
	struct stores *s;
	struct store *other;
	int64_t id;
	bool match;
};

static void
delete_next(void *cookie)
{
	struct checking *c = cookie;
	int64_t rev;
	assert_int_equal(store_begin(c->other, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(c->other, c->id += 2, 5000, &rev), ERR_OK);
	assert_int_equal(store_commit(c->other), ERR_OK);
}

static void
check_first(void *cookie)
{
	struct checking *c = cookie;
	assert_int_equal(store_search_check_some(c->s->store, c->s->arena, 1, &c->match), ERR_OK);
}

TEST(deletion_amid_a_check_is_no_damage)
{
	struct stores *s = *state;
	struct checking c = {.s = s};
	fill(s, 2 * GRAM_BLOCK);
	make_blocks(s, 1000);
	assert_int_equal(store_open(s->dir, STORE_WRITE, &c.other), ERR_OK);
	for (int64_t at = 1, before = -1; before != c.id; at += 20) {
		before = c.id;
		raw_amid(s->store, (int)at, delete_next, check_first, &c);
		assert_true(c.match);
	}
	assert_true(c.id > 20);
	store_close(c.other);
}

struct question {
	struct stores *s;
	const char *text;
	struct task_found found;
};

static void
ask(void *cookie)
{
	struct question *q = cookie;
	struct task_filter filter = {.user_id = q->s->user, .status = TASK_STATUS__MAX};
	find(q->s, &filter, &(struct task_page){.limit = 20}, q->text, &q->found);
}

static void
write_character(uint32_t c, char ret_text[5])
{
	static const uint8_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = size; i-- > 1; c >>= 6)
		ret_text[i] = (char)(0x80 | (c & 0x3F));
	ret_text[0] = (char)(first[size > 1 ? size : 0] | c);
	ret_text[size] = '\0';
}

/* Above all those whose code ends with 16 zeroes, as that of U+20000, a rare Chinese character. */
TEST(characters_of_all_planes_are_found)
{
	struct stores *s = *state;
	static const uint32_t low[] = {0, 2, 0x8000, 0xFFFF};
	struct question q = {.s = s};
	char prompts[GRAM_BLOCK][5], name[24];
	fill(s, 10 * GRAM_BLOCK); /* so many that not each is looked at */
	for (uint32_t i = 0; i < GRAM_BLOCK; i++) {
		write_character(0x10000 + i / 4 * 0x10000 + low[i % 4], prompts[i]);
		snprintf(name, sizeof(name), "plane_%u", i);
		struct task task = stores_task(s->user, name);
		task.prompt = prompts[i];
		stores_add(s->store, &task);
	}
	assert_int_equal(make_blocks(s, 100), 11);
	for (uint32_t i = 0; i < GRAM_BLOCK; i++) {
		q.text = prompts[i];
		ask(&q);
		if (q.found.count != 1 || strcmp(q.found.tasks[0].prompt, prompts[i]) != 0)
			fail_msg("%u: %zu", i, q.found.count);
	}
}

/* Each step fails once: nothing of it is kept. */
TEST(failures_leave_the_index_as_it_was)
{
	struct stores *s = *state;
	int64_t rev, nth = 1;
	fill(s, 2 * GRAM_BLOCK);
	for (enum err_code err = ERR_BUSY; err != ERR_OK; nth++) {
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		store_fault_set(s->store, nth, ERR_NO_SPACE);
		err = store_search_index(s->store, s->arena, s->user);
		store_fault_set(s->store, 0, ERR_OK);
		assert_true(err == ERR_OK || err == ERR_NO_SPACE);
		err = store_end(s->store, err);
		int64_t blocks = raw_number(s->store, "SELECT count(*) FROM search_block");
		int64_t parts = raw_number(s->store, "SELECT count(*) FROM search_part");
		assert_int_equal(blocks, err == ERR_OK);
		assert_int_equal(parts > 0, err == ERR_OK);
		arena_reset(s->arena);
	}
	assert_true(nth > GRAM_BLOCK);
	for (enum err_code err = ERR_BUSY, first = 1; err != ERR_OK; first = 0) {
		int64_t step = first ? nth = 1 : ++nth, id = 0;
		bool match;
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		store_fault_set(s->store, step, ERR_NO_SPACE);
		err = store_task_delete(s->store, 5, 5000, &rev);
		store_fault_set(s->store, 0, ERR_OK);
		err = store_end(s->store, err);
		assert_int_equal(store_search_check(s->store, s->arena, &id, &match), ERR_OK);
		assert_true(match);
		arena_reset(s->arena);
	}
	assert_true(nth > GRAM_PARTS);
}

TEST(wrong_index_is_found_and_made_anew)
{
	struct stores *s = *state;
	static const char *const damages[] = {
	    "UPDATE task SET prompt = 'another' WHERE id = 3",
	    "DELETE FROM search_part WHERE id = (SELECT max(id) FROM search_part WHERE id < 128)",
	    "UPDATE search_part SET bits = zeroblob(12) WHERE id = (SELECT min(id) FROM search_part)",
	    "UPDATE search_block SET ids = zeroblob(512) WHERE first_id = 1",
	    "UPDATE search_block SET ids = x'00' WHERE first_id = 1",
	};
	fill(s, 2 * GRAM_BLOCK);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		int64_t id = 0;
		bool match = false;
		assert_int_equal(make_blocks(s, 1000), 2);
		assert_int_equal(store_search_check(s->store, s->arena, &id, &match), ERR_OK);
		assert_true(match);
		raw_run(s->store, damages[i]);
		assert_int_equal(store_search_check_some(s->store, s->arena, 3, &match), ERR_OK);
		assert_false(match);
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_search_clear(s->store), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
	}
}

/* ---- the work ---- */

/* In steps of SQLite's machine; to look at 10 000 tasks takes some 1 000 000. */
TEST(search_takes_little)
{
	struct stores *s = *state;
	enum { MANY = 20000 };
	static const struct {
		const char *text;
		int64_t most;
	} rows[] = {{"龘", 10000}, {"zz", 10000},  {"nowhere at all", 12000},
	            {"猫", 10000}, {"cat", 10000}, {"e", 5000}};
	fill(s, MANY);
	make_blocks(s, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct question q = {.s = s, .text = rows[i].text};
		ask(&q);
		int64_t cost = raw_cost(s->store, ask, &q);
		assert_int_equal(q.found.stopped, 0);
		if (cost > rows[i].most)
			fail_msg("%s: %d", rows[i].text, (int)cost);
	}
}

/* Its pieces are in many prompts, but never together: the work ends, and goes on where it has ended. */
TEST(search_stops_and_goes_on)
{
	struct stores *s = *state;
	struct task_filter filter = {.status = TASK_STATUS__MAX};
	struct task_page page = {.limit = 20};
	struct task_found found;
	int pages = 0;
	fill(s, 8000);
	do {
		find(s, &filter, &page, "only here", &found);
		pages++;
		page.after = found.stopped;
	} while (found.stopped != 0 && found.count == 0);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.tasks[0].video_id, "video_401");
	assert_in_range(pages, 3, 12);
	/* An id is found at once. */
	page.after = 0;
	find(s, &filter, &page, "video_3", &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.stopped, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_question_is_answered_right_whatever_is_indexed, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(pages_are_counted_in_matches, setup, teardown),
	    cmocka_unit_test_setup_teardown(deletion_leaves_no_trace, setup, teardown),
	    cmocka_unit_test_setup_teardown(deleted_before_it_is_indexed, setup, teardown),
	    cmocka_unit_test_setup_teardown(deletion_amid_a_check_is_no_damage, setup, teardown),
	    cmocka_unit_test_setup_teardown(characters_of_all_planes_are_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(failures_leave_the_index_as_it_was, setup, teardown),
	    cmocka_unit_test_setup_teardown(wrong_index_is_found_and_made_anew, setup, teardown),
	    cmocka_unit_test_setup_teardown(search_takes_little, setup, teardown),
	    cmocka_unit_test_setup_teardown(search_stops_and_goes_on, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/search", tests, NULL, NULL);
}
