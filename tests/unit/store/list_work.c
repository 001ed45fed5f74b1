/* What lists cost, for all combinations of what may be asked for, in a database where most of what they meet
 *does not match: of one user with many tasks beside ten others, deleted tasks and those of other models,
 *states and media types stand in long rows. No list goes through all of it, or else only through an index.
 *
 *	list_work [TASKS]
 *
 * With TASKS it has so many, and prints what costs most: instructions of SQLite's machine, pages, and ms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/list.h"
#include "store/search.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum {
	TASKS = 60000,
	OTHERS = 10,
	/* What 60 000 tasks cost in an index: 13 instructions each, and a page for some 80 of them. */
	STEPS_MOST = 1000000,
	PAGES_MOST = 20000,
	SHOWN = 12
};

static int tasks = TASKS;

struct question {
	struct store *store;
	struct arena *arena;
	struct task_filter filter;
	struct task_page page;
	struct task_found found;
	enum err_code err;
	int64_t steps, pages;
	double ms;
};

static void
ask(void *cookie)
{
	struct question *q = cookie;
	q->err = store_task_list(q->store, q->arena, &q->filter, &q->page, &q->found);
}

/* Fills a database in one statement, as creations, ends and deletions would: by tenths of the tasks in order
 * of creation, the user's first tenth has one failed task of a rare model and of another media type, the
 * second tenth is deleted. */
static const char fill_text[] =
    "INSERT INTO channel (name) VALUES ('default') ON CONFLICT DO NOTHING;"
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)"
    "INSERT INTO task (user_id, video_id, external_id, client_request_id, fingerprint, channel, state, "
    "progress, prompt,"
    " model, seconds, media_type, options, metadata, attempt, created_at, updated_at, completed_at, "
    "deadline_at, rev,"
    " due_at, polls, misses, deleted)"
    "SELECT CASE WHEN i %% 10 < 9 THEN %d ELSE %d + 1 + i / 10 %% %d END, 'v' || i, 'same', 'r' || i, "
    "zeroblob(32),"
    " 'default', CASE WHEN i = 1 THEN 'failed' WHEN i > %d - 50 THEN 'running' WHEN i %% 7 = 0 THEN "
    "'cancelled'"
    " ELSE 'completed' END, 0,"
    " printf('%%.*c every word %%d', 300, 'x', i) || CASE WHEN i = 1 THEN ' 猫' ELSE '' END"
    " || CASE i %% 3 WHEN 0 THEN ' abcd' WHEN 1 THEN ' bcde' ELSE ' cdef' END,"
    " CASE WHEN i = 1 THEN 'rare' WHEN i < %d / 2 THEN 'old' ELSE 'new' END, 10,"
    " CASE WHEN i = 1 THEN 'IMAGE' ELSE 'VIDEO' END, '{}', '{}', 1, 1000, 1000, 1000, 1000, 1 + (i * 7919) "
    "%% %d, 0, 0,"
    " 0, i > %d / 10 AND i < %d / 5 FROM n;"
    "UPDATE head SET rev = %d;"
    "INSERT INTO tally (user_id, model, media_type, status, n)"
    " SELECT user_id, model, media_type, status, count(*) FROM task WHERE deleted = 0 GROUP BY 1, 2, 3, 4;";

static int
setup(void **state)
{
	struct stores *s = stores_new();
	char name[24], *text = malloc(sizeof(fill_text) + 256);
	int64_t rev = 0, user;
	int n = tasks, user_id = (int)s->user;
	for (int i = 0; i < OTHERS; i++) {
		snprintf(name, sizeof(name), "other%d", i);
		stores_user(s->store, name);
	}
	assert_non_null(text);
	snprintf(text, sizeof(fill_text) + 256, fill_text, n, user_id, user_id, OTHERS, n, n, n, n, n, n);
	raw_run(s->store, text);
	free(text);
	for (bool more = true; more;) {
		assert_int_equal(store_search_wanting(s->store, &rev, &user, &more), ERR_OK);
		if (user == 0)
			continue;
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_search_index(s->store, s->arena, user), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		arena_reset(s->arena);
	}
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static double
processor_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static const enum task_status statuses[] = {TASK_STATUS__MAX, TASK_COMPLETED, TASK_FAILED,
                                            TASK_CANCELLED,   TASK_QUEUED,    TASK_PROCESSING};
static const char *const models[] = {NULL, "old", "new", "rare", "none"};
static const char *const media[] = {NULL, "VIDEO", "IMAGE"};
static const char *const texts[] = {NULL, "猫",  "every", "龘",  "zq",       "bcd ab",
                                    "x",  "v77", "same",  "r99", "abcd cdef"};
static const int64_t offsets[] = {0, 40, 1000, 30000, 99999, 100000000};

enum {
	SHAPES_STATUS = 6,
	SHAPES_MODEL = 5,
	SHAPES_MEDIA = 3,
	SHAPES_TEXT = 11,
	SHAPES_PLACE = 9, /* offsets, and three cursors */
	SHAPES = 2 * SHAPES_STATUS * SHAPES_MODEL * SHAPES_MEDIA * SHAPES_TEXT * 2 * 2 * SHAPES_PLACE
};

static int
part(int *shape, int of)
{
	int n = *shape % of;
	*shape /= of;
	return n;
}

static struct question
question_of(struct stores *s, int shape)
{
	struct question q = {.store = s->store, .arena = s->arena, .page.limit = 21};
	int place = part(&shape, SHAPES_PLACE);
	q.filter.status = statuses[part(&shape, SHAPES_STATUS)];
	q.filter.model = models[part(&shape, SHAPES_MODEL)];
	q.filter.media_type = media[part(&shape, SHAPES_MEDIA)];
	q.page.order = part(&shape, 2) == 0 ? TASK_BY_CREATED : TASK_BY_UPDATED;
	q.page.ascending = part(&shape, 2) == 1;
	q.filter.user_id = part(&shape, 2) == 0 ? s->user : 0;
	q.filter.text = texts[part(&shape, SHAPES_TEXT)];
	if (place < 6)
		q.page.offset = offsets[place];
	else
		q.page.after = 1 + (int64_t)(place - 6) * (tasks / 3);
	return q;
}

static int
dearest_first(const void *a, const void *b)
{
	const struct question *x = a, *y = b;
	double dx = (double)x->steps / STEPS_MOST + (double)x->pages / PAGES_MOST;
	double dy = (double)y->steps / STEPS_MOST + (double)y->pages / PAGES_MOST;
	return dx < dy ? 1 : dx > dy ? -1 : 0;
}

static void
print(const struct question *q)
{
	printf("%8lld steps %7lld pages %7.2f ms: %zu found%s; %s q=%s status=%s model=%s mediaType=%s %s %s "
	       "offset=%lld "
	       "after=%lld\n",
	       (long long)q->steps, (long long)q->pages, q->ms, q->found.count,
	       q->found.stopped != 0 ? ", stopped" : "", q->filter.user_id != 0 ? "own" : "all",
	       q->filter.text != NULL ? q->filter.text : "",
	       q->filter.status != TASK_STATUS__MAX ? task_status_word(q->filter.status) : "",
	       q->filter.model != NULL ? q->filter.model : "",
	       q->filter.media_type != NULL ? q->filter.media_type : "",
	       q->page.order == TASK_BY_UPDATED ? "updated" : "created", q->page.ascending ? "asc" : "desc",
	       (long long)q->page.offset, (long long)q->page.after);
}

/* Every n-th of them: prime to all numbers of parts, so that each part is met with each other. */
TEST(no_question_goes_through_all)
{
	struct stores *s = *state;
	int every = tasks == TASKS ? 97 : 13, asked = 0;
	struct question *all = malloc(SHAPES * sizeof(*all));
	assert_non_null(all);
	for (int shape = 0; shape < SHAPES; shape += every) {
		struct question q = question_of(s, shape);
		double start = processor_ms();
		ask(&q);
		q.ms = processor_ms() - start;
		assert_int_equal(q.err, ERR_OK);
		raw_costs(s->store, ask, &q, &q.steps, &q.pages);
		/* A list that stops has come further. */
		assert_true(q.found.stopped == 0 || q.found.stopped != q.page.after);
		if (tasks != TASKS || q.steps > STEPS_MOST || q.pages > PAGES_MOST)
			all[asked++] = q;
		arena_reset(s->arena);
	}
	qsort(all, (size_t)asked, sizeof(*all), dearest_first);
	for (int i = 0; i < asked && i < SHOWN; i++)
		print(&all[i]);
	bool good = asked == 0 || (all[0].steps <= STEPS_MOST && all[0].pages <= PAGES_MOST);
	free(all);
	assert_true(good);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_question_goes_through_all, setup, teardown),
	};
	tasks = argc > 1 ? atoi(argv[1]) : TASKS;
	return cmocka_run_group_tests_name("store/list_work", tests, NULL, NULL);
}
