/* What follows from a task's creation, moves and deletion, in the same transaction. */

#include <stdio.h>

#include "store/database.h"
#include "store/list.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

struct edge {
	enum task_state from, to;
};

static const struct edge edges[] = {
#define EDGE(from, to, name, durable, money, why) {TASK_STATE_##from, TASK_STATE_##to},
#include "model/state.def"
#undef EDGE
};

static int
setup(void **state)
{
	struct stores *s = stores_new();
	raw_run(
	    s->store,
	    "INSERT INTO webhook (user_id, url, completed, failed, secret, enabled, created_at) "
	    "VALUES (1, 'https://a.example', 1, 1, 's', 1, 1), (1, 'https://b.example', 0, 1, 's', 1, 1), "
	    "(1, 'https://c.example', 1, 1, 's', 0, 1)");
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static void
assert_counts_match(struct stores *s)
{
	bool match = false;
	assert_int_equal(store_counts_check(s->store, &match), ERR_OK);
	assert_true(match);
}

static int64_t
rows(struct stores *s, const char *table, int64_t task)
{
	char sql[80];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE task_id = %lld", table, (long long)task);
	return raw_number(s->store, sql);
}

static void
take(struct stores *s, int64_t id, const struct edge *edge)
{
	const struct task_retry again = {.id = id, .from = edge->from, .to = edge->to};
	const struct task_move move = stores_move(id, edge->from, edge->to);
	int64_t rev;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(edge->to == TASK_STATE_READY && task_state_terminal(edge->from)
	                     ? store_task_retry(s->store, &again, &rev)
	                     : store_task_move(s->store, &move, &rev),
	                 ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(each_edge_has_its_effects)
{
	struct stores *s = *state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		char name[24];
		snprintf(name, sizeof(name), "video_%zu", i);
		struct task task = stores_task(s->user, name);
		bool ends = edges[i].from != edges[i].to && task_state_terminal(edges[i].to);
		bool completes = ends && edges[i].to == TASK_STATE_COMPLETED;
		task.state = edges[i].from;
		task.model = i % 2 == 0 ? NULL : task.model;
		int64_t id = stores_add(s->store, &task);
		assert_counts_match(s);
		take(s, id, &edges[i]);
		assert_counts_match(s);
		assert_int_equal(rows(s, "archive", id), completes);
		assert_int_equal(rows(s, "delivery", id), !ends ? 0 : completes ? 1 : 2);
	}
}

TEST(deleted_task_counts_no_more)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t rev, total = 7;
	task.state = TASK_STATE_FAILED;
	int64_t id = stores_add(s->store, &task);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 5000, &rev), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 5000, &rev), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_counts_match(s);
	/* What comes late moves it all the same: neither counted nor fetched. */
	take(s, id, &(struct edge){TASK_STATE_FAILED, TASK_STATE_COMPLETED});
	assert_counts_match(s);
	total = raw_number(s->store, "SELECT sum(n) FROM tally");
	assert_int_equal(total, 0);
	assert_int_equal(rows(s, "archive", id), 0);
}

/* Whether the task has a link to what it is made from; what else is in its options stays. */
static bool
has_link(struct stores *s, int64_t id)
{
	char sql[120];
	snprintf(sql, sizeof(sql), "SELECT options LIKE '%%http%%' FROM task WHERE id = %lld", (long long)id);
	bool has = raw_number(s->store, sql) != 0;
	snprintf(sql, sizeof(sql),
	         "SELECT options LIKE '%%\"seed\":18446744073709551616%%' FROM task WHERE id = %lld",
	         (long long)id);
	assert_int_equal(raw_number(s->store, sql), 1);
	return has;
}

TEST(a_link_to_what_is_deleted_goes_once_it_is_not_needed)
{
	struct stores *s = *state;
	struct task source = stores_task(s->user, "source");
	static const enum task_state states[] = {TASK_STATE_READY,   TASK_STATE_SENDING,   TASK_STATE_UNSURE,
	                                         TASK_STATE_RUNNING, TASK_STATE_COMPLETED, TASK_STATE_FAILED};
	int64_t ids[6], rev;
	source.state = TASK_STATE_COMPLETED;
	int64_t id = stores_add(s->store, &source);
	for (size_t i = 0; i < 6; i++) {
		char name[24];
		snprintf(name, sizeof(name), "child_%zu", i);
		struct task child = stores_task(s->user, name);
		child.state = states[i];
		child.parent_id = child.root_id = id;
		child.options =
		    "{\"seed\":18446744073709551616,\"source_url\":\"https://u.example/v?signature=s\"}";
		ids[i] = stores_add(s->store, &child);
	}
	take(s, ids[3], &(struct edge){TASK_STATE_RUNNING, TASK_STATE_FAILED});
	assert_true(has_link(s, ids[3])); /* to be tried again */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(s->store, id, 5000, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(has_link(s, ids[i]), i < 3);
	take(s, ids[0], &(struct edge){TASK_STATE_READY, TASK_STATE_SENDING});
	take(s, ids[1], &(struct edge){TASK_STATE_SENDING, TASK_STATE_RUNNING});
	take(s, ids[2], &(struct edge){TASK_STATE_UNSURE, TASK_STATE_FAILED});
	assert_true(has_link(s, ids[0]));
	assert_false(has_link(s, ids[1]));
	assert_false(has_link(s, ids[2]));
}

/* How many tasks a list of this model has, by the tally and by the rows. */
static void
assert_listed(struct stores *s, const char *model, int64_t expected)
{
	const struct task_filter filter = {.user_id = s->user, .status = TASK_STATUS__MAX, .model = model};
	const struct task_page page = {.limit = 10};
	struct task_found found;
	int64_t total;
	assert_int_equal(store_task_count(s->store, &filter, &total), ERR_OK);
	assert_int_equal(total, expected);
	assert_int_equal(store_task_list(s->store, s->arena, &filter, &page, &found), ERR_OK);
	assert_int_equal(found.count, expected);
	assert_int_equal(found.total, expected);
}

TEST(lists_and_counts_go_by_the_model_that_is_shown)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1"), same = stores_task(s->user, "video_2");
	int64_t rev;
	task.model = same.model = "asked";
	task.state = same.state = TASK_STATE_RUNNING;
	struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	stores_add(s->store, &same);
	assert_listed(s, "asked", 2);
	for (int i = 0; i < 2; i++) {
		move.facts.model = i == 0 ? "other" : "another";
		stores_make(s->store, &move);
		assert_counts_match(s);
		assert_listed(s, "asked", 1);
		assert_listed(s, move.facts.model, 1);
	}
	assert_listed(s, "other", 0);
	move.to = TASK_STATE_FAILED; /* both at once */
	move.facts.model = "third";
	stores_make(s->store, &move);
	assert_counts_match(s);
	assert_listed(s, "third", 1);
	const struct task_retry again = {
	    .id = move.id, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY, .due_at = 1};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_counts_match(s);
	assert_listed(s, "asked", 2);
	assert_listed(s, "third", 0);
}

TEST(what_did_not_happen_has_no_effect)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t rev, id = stores_add(s->store, &task);
	const struct task_move move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	const struct task_retry again = {.id = id, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_move(s->store, &move, &rev), ERR_CONFLICT);
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_CONFLICT);
	assert_int_equal(store_task_delete(s->store, id + 1, 5000, &rev), ERR_NOT_FOUND);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_CONFLICT);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_counts_match(s);
	assert_int_equal(raw_number(s->store, "SELECT sum(n) FROM tally"), 1);
	assert_int_equal(rows(s, "archive", id), 0);
	assert_int_equal(rows(s, "delivery", id), 0);
	assert_int_equal(rows(s, "attempt", id), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_edge_has_its_effects, setup, teardown),
	    cmocka_unit_test_setup_teardown(deleted_task_counts_no_more, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_link_to_what_is_deleted_goes_once_it_is_not_needed, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(lists_and_counts_go_by_the_model_that_is_shown, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_did_not_happen_has_no_effect, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/effect", tests, NULL, NULL);
}
