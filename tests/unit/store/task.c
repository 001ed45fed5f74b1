/* Tasks one by one. */

#include <stdio.h>
#include <string.h>

#include "store/channel.h"
#include "store/feed.h"
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

static void
assert_same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
assert_same_task(const struct task *a, const struct task *b)
{
#define SAME(name) assert_int_equal(a->name, b->name)
#define TEXT(name) assert_same_text(a->name, b->name)
	SAME(id), SAME(accepted_at), SAME(user_id), SAME(state), SAME(progress), SAME(seconds), SAME(attempt),
	    SAME(created_at);
	SAME(updated_at), SAME(completed_at), SAME(deadline_at), SAME(rev), SAME(due_at), SAME(tries),
	    SAME(not_found_count);
	TEXT(video_id), TEXT(external_id), TEXT(client_request_id), TEXT(channel), TEXT(prompt), TEXT(model);
	TEXT(size), TEXT(aspect_ratio), TEXT(media_type), TEXT(options), TEXT(input_file), TEXT(input_type);
	TEXT(images), TEXT(job), TEXT(facts.model), TEXT(facts.size), SAME(facts.seconds),
	    SAME(facts.expires_at);
	TEXT(video_url), TEXT(image_url), TEXT(error_code), TEXT(error_message), TEXT(metadata), TEXT(owner);
	TEXT(turned_away);
	assert_memory_equal(a->fingerprint, b->fingerprint, sizeof(a->fingerprint));
#undef SAME
#undef TEXT
}

static struct task
full_task(struct stores *s)
{
	struct task full = {
	    .user_id = s->user,
	    .video_id = "video_1",
	    .external_id = "ext",
	    .client_request_id = "req",
	    .channel = "chan",
	    .state = TASK_STATE_SENDING,
	    .progress = 12,
	    .prompt = "\xe7\x8c\xab '; DROP TABLE task; --",
	    .model = "m",
	    .size = "1280x720",
	    .seconds = 10,
	    .aspect_ratio = "16:9",
	    .media_type = "VIDEO",
	    .options = "{\"hd\":true}",
	    .input_file = "file",
	    .input_type = "image/png",
	    .video_url = "http://v",
	    .image_url = "http://i",
	    .images = "[{\"role\":\"last\",\"file\":\"f\",\"type\":\"image/png\"}]",
	    .job = "{\"image\":true}",
	    .facts = {"m-1", "1920x1080", 12, 1764291402999},
	    .metadata = "{\"a\":1}",
	    .attempt = 2,
	    .created_at = 1764291402480,
	    .updated_at = 1764291402481,
	    .accepted_at = 8,
	    .completed_at = 3,
	    .deadline_at = 4,
	    .due_at = 5,
	    .owner = "lease",
	    .tries = 6,
	    .not_found_count = 7,
	    .turned_away = "account/chan model/other",
	};
	for (size_t i = 0; i < sizeof(full.fingerprint); i++)
		full.fingerprint[i] = (uint8_t)(i * 9);
	full.id = stores_add(s->store, &full);
	full.rev = 1;
	return full;
}

TEST(task_comes_back_whole)
{
	struct stores *s = *state;
	struct task full = full_task(s), found = stores_get(s, "video_1");
	assert_same_task(&found, &full);

	struct task bare = stores_task(s->user, "video_2");
	bare.model = NULL;
	bare.id = stores_add(s->store, &bare);
	bare.rev = 2;
	found = stores_get(s, "video_2");
	assert_same_task(&found, &bare);
}

TEST(lists_have_what_clients_see)
{
	struct stores *s = *state;
	struct task shown = full_task(s), found, *tasks;
	const struct task_filter mine = {.user_id = s->user, .status = TASK_STATUS__MAX};
	const struct feed_window window = {s->user, 0, 10, 1000};
	struct task_found listed;
	size_t count;
	bool more;
	shown.deadline_at = shown.not_found_count = 0;
	shown.owner = shown.job = shown.turned_away = NULL;
	memset(shown.fingerprint, 0, sizeof(shown.fingerprint));
	assert_int_equal(store_task_shown(s->store, s->arena, s->user, "video_1", &found), ERR_OK);
	assert_same_task(&found, &shown);
	assert_int_equal(store_task_requested(s->store, s->arena, s->user, "req", &found), ERR_OK);
	assert_same_task(&found, &shown);
	assert_int_equal(store_task_list(s->store, s->arena, &mine, &(struct task_page){.limit = 9}, &listed),
	                 ERR_OK);
	assert_int_equal(listed.count, 1);
	assert_same_task(listed.tasks, &shown);
	assert_int_equal(store_feed_since(s->store, s->arena, &window, &tasks, &count, &more), ERR_OK);
	assert_int_equal(count, 1);
	assert_same_task(tasks, &shown);

	assert_int_equal(store_task_shown(s->store, s->arena, s->user + 1, "video_1", &found),
	                 ERR_TASK_NOT_FOUND);
	assert_int_equal(store_task_requested(s->store, s->arena, s->user + 1, "req", &found), ERR_NOT_FOUND);
}

TEST(foreign_task_is_as_unknown)
{
	struct stores *s = *state;
	int64_t other = stores_user(s->store, "bea");
	struct task task = stores_task(s->user, "video_1");
	task.client_request_id = "req";
	stores_add(s->store, &task);
	assert_int_equal(store_task_get(s->store, s->arena, s->user, "video_1", &task), ERR_OK);
	assert_int_equal(store_task_get(s->store, s->arena, 0, "video_1", &task), ERR_OK);
	assert_int_equal(store_task_get(s->store, s->arena, other, "video_1", &task), ERR_TASK_NOT_FOUND);
	assert_int_equal(store_task_get(s->store, s->arena, s->user, "video_2", &task), ERR_TASK_NOT_FOUND);
	assert_int_equal(store_task_by_request(s->store, s->arena, s->user, "req", &task), ERR_OK);
	assert_int_equal(store_task_by_request(s->store, s->arena, other, "req", &task), ERR_NOT_FOUND);
	assert_int_equal(store_task_by_request(s->store, s->arena, s->user, "re", &task), ERR_NOT_FOUND);
}

TEST(request_id_is_unique_for_a_user)
{
	struct stores *s = *state;
	int64_t other = stores_user(s->store, "bea"), id, rev, head;
	const char *epoch;
	struct task task = stores_task(s->user, "video_1");
	task.client_request_id = "req";
	stores_add(s->store, &task);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	task.video_id = "video_2";
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_CONFLICT);
	assert_int_equal(store_feed_head(s->store, s->arena, &epoch, &head), ERR_OK);
	assert_int_equal(head, 1);
	task.user_id = other;
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	task.client_request_id = NULL;
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_CONFLICT);
	task.video_id = "video_3";
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	task.video_id = "video_4";
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	task.video_id = "video_5";
	task.user_id = 999;
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(move_changes_what_it_names)
{
	struct stores *s = *state;
	struct task before = stores_task(s->user, "video_1");
	before.state = TASK_STATE_SENDING;
	before.owner = "one";
	before.tries = 3;
	before.not_found_count = 2;
	struct task_move move =
	    stores_move(stores_add(s->store, &before), TASK_STATE_SENDING, TASK_STATE_RUNNING);
	move.owner = "one";
	move.due_at = 7000;
	move.external_id = "ext";
	move.job = "{\"id2\":\"a\"}";
	move.facts = (struct job_facts){.model = "m-1", .size = "1920x1080"};
	int64_t rev = stores_make(s->store, &move);
	struct task after = stores_get(s, "video_1");
	before.id = move.id;
	before.state = TASK_STATE_RUNNING;
	before.owner = NULL;
	before.due_at = 7000;
	before.external_id = "ext";
	before.job = "{\"id2\":\"a\"}";
	before.facts = move.facts;
	before.updated_at = 2000;
	before.rev = rev;
	assert_same_task(&after, &before);

	move = stores_move(move.id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	move.progress = 100;
	move.video_url = "http://v";
	move.image_url = "http://i";
	move.facts = (struct job_facts){.seconds = 12, .expires_at = 9000};
	move.completed_at = 2500;
	move.tries = 0;
	move.not_found_count = 0;
	move.new_owner = "two";
	before.rev = stores_make(s->store, &move);
	assert_int_equal(before.rev, rev + 1);
	before.state = TASK_STATE_COMPLETED;
	before.progress = 100;
	before.video_url = "http://v";
	before.image_url = "http://i";
	before.facts.seconds = 12;
	before.facts.expires_at = 9000;
	before.completed_at = 2500;
	before.tries = before.not_found_count = before.due_at = 0;
	before.owner = "two";
	after = stores_get(s, "video_1");
	assert_same_task(&after, &before);
}

TEST(what_is_learnt_while_a_state_stays_is_seen)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	task.state = TASK_STATE_RUNNING;
	int64_t id = stores_add(s->store, &task);
	static const struct job_facts news[] = {
	    {.model = "m-1"}, {.size = "4x4"}, {.seconds = 5}, {.expires_at = 9000}};
	struct task_move move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	move.job = "{\"poll_url\":\"/a\"}";
	assert_int_equal(stores_make(s->store, &move), 0);
	move.job = NULL;
	for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++) {
		move.facts = news[i];
		assert_int_equal(stores_make(s->store, &move), 2 + (int)i);
	}
	task = stores_get(s, "video_1");
	assert_string_equal(task.job, "{\"poll_url\":\"/a\"}");
	assert_string_equal(task.facts.model, "m-1");
	assert_string_equal(task.facts.size, "4x4");
	assert_int_equal(task.facts.seconds, 5);
	assert_int_equal(task.facts.expires_at, 9000);
}

/* What was asked for is for the next attempt; what was learnt is the last one's. */
TEST(retry_forgets_what_was_learnt)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1"), found;
	task.state = TASK_STATE_FAILED;
	task.error_code = "x";
	task.images = "[]";
	task.job = "{}";
	task.facts = (struct job_facts){"m-1", "4x4", 5, 9000};
	task.accepted_at = 7;
	int64_t rev;
	const struct task_retry again = {.id = stores_add(s->store, &task),
	                                 .from = TASK_STATE_FAILED,
	                                 .to = TASK_STATE_READY,
	                                 .due_at = 1};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	found = stores_get(s, "video_1");
	assert_same_text(found.model, task.model);
	assert_string_equal(found.images, "[]");
	assert_int_equal(found.accepted_at, 0);
	assert_null(found.job);
	assert_null(found.facts.model);
	assert_null(found.facts.size);
	assert_int_equal(found.facts.seconds, 0);
	assert_int_equal(found.facts.expires_at, 0);
}

/* A job that is still to be cancelled upstream may need its links for that. */
TEST(deleting_keeps_what_a_cancellation_needs)
{
	struct stores *s = *state;
	static const enum task_state ends[] = {TASK_STATE_COMPLETED, TASK_STATE_CANCELLED};
	for (int i = 0; i < 2; i++) {
		struct task task = stores_task(s->user, i == 0 ? "video_1" : "video_2"), found;
		task.state = ends[i];
		task.options = "{\"negative_prompt\":\"rain\"}";
		task.images = "[]";
		task.job = "{}";
		task.due_at = 5;
		int64_t rev, id = stores_add(s->store, &task);
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_task_delete(s->store, id, 1, &rev), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		assert_int_equal(store_task_find(s->store, s->arena, 0, task.video_id, &found), ERR_OK);
		assert_string_equal(found.options, "{}");
		assert_null(found.images);
		assert_int_equal(found.job != NULL, i == 1);
	}
}

TEST(progress_never_goes_back)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	task.state = TASK_STATE_RUNNING;
	task.progress = 40;
	struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	move.progress = 30;
	stores_make(s->store, &move);
	assert_int_equal(stores_get(s, "video_1").progress, 40);
	move.progress = 50;
	stores_make(s->store, &move);
	assert_int_equal(stores_get(s, "video_1").progress, 50);
	move.progress = -1;
	stores_make(s->store, &move);
	assert_int_equal(stores_get(s, "video_1").progress, 50);
}

TEST(errors_belong_to_failed)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	task.state = TASK_STATE_RUNNING;
	struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_RUNNING, TASK_STATE_FAILED);
	move.error_code = "timeout";
	move.error_message = "too late";
	stores_make(s->store, &move);
	task = stores_get(s, "video_1");
	assert_string_equal(task.error_code, "timeout");
	assert_string_equal(task.error_message, "too late");

	move = stores_move(task.id, TASK_STATE_FAILED, TASK_STATE_COMPLETED);
	move.error_code = "stray";
	stores_make(s->store, &move);
	task = stores_get(s, "video_1");
	assert_null(task.error_code);
	assert_null(task.error_message);
}

TEST(move_that_came_too_late_conflicts)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	task.owner = "one";
	int64_t id = stores_add(s->store, &task), rev = -1, head;
	const char *epoch;
	struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_FAILED);
	move.error_code = "x";
	static const struct {
		enum task_state from;
		const char *owner;
		int64_t shift;
	} wrong[] = {{TASK_STATE_READY, "two", 0},
	             {TASK_STATE_READY, NULL, 0},
	             {TASK_STATE_RUNNING, "one", 0},
	             {TASK_STATE_READY, "one", 1}};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		move.from = wrong[i].from;
		move.owner = wrong[i].owner;
		move.id = id + wrong[i].shift;
		assert_int_equal(store_task_move(s->store, &move, &rev), ERR_CONFLICT);
	}
	assert_int_equal(rev, -1);
	assert_int_equal(
	    store_lease_return(s->store, &(struct task_return){id, 1, TASK_STATE_READY, "two", 1, 1, 1}),
	    ERR_CONFLICT);
	assert_int_equal(
	    store_lease_return(s->store, &(struct task_return){id, 1, TASK_STATE_READY, NULL, 1, 1, 1}),
	    ERR_CONFLICT);
	/* The rest of the transaction is none the worse for it. */
	assert_int_equal(
	    store_lease_return(s->store, &(struct task_return){id, 1, TASK_STATE_READY, "one", 7000, 8, 9}),
	    ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	task = stores_get(s, "video_1");
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_null(task.owner);
	assert_int_equal(task.due_at, 7000);
	assert_int_equal(task.tries, 8);
	assert_int_equal(task.not_found_count, 9);
	assert_int_equal(task.rev, 1);
	assert_int_equal(task.updated_at, 1000);
	assert_int_equal(store_feed_head(s->store, s->arena, &epoch, &head), ERR_OK);
	assert_int_equal(head, 1);
}

TEST(what_no_client_sees_gives_no_revision)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t id = stores_add(s->store, &task);
	static const enum task_state way[] = {TASK_STATE_READY, TASK_STATE_SENDING, TASK_STATE_READY,
	                                      TASK_STATE_SENDING, TASK_STATE_UNSURE};
	for (size_t i = 1; i < sizeof(way) / sizeof(way[0]); i++) {
		struct task_move move = stores_move(id, way[i - 1], way[i]);
		assert_int_equal(stores_make(s->store, &move), 0);
	}
	task = stores_get(s, "video_1");
	assert_int_equal(task.state, TASK_STATE_UNSURE);
	assert_int_equal(task.updated_at, 1000);
	struct task_move move = stores_move(id, TASK_STATE_UNSURE, TASK_STATE_RUNNING);
	assert_int_equal(stores_make(s->store, &move), 2);
	assert_int_equal(stores_get(s, "video_1").updated_at, 2000);
}

TEST(a_clock_that_is_set_back_takes_no_task_along)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t id = stores_add(s->store, &task);
	struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_RUNNING);
	move.now = 500;
	assert_int_equal(stores_make(s->store, &move), 2);
	assert_int_equal(stores_get(s, "video_1").updated_at, 1000);
	move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	move.now = 600;
	move.progress = 50;
	assert_int_equal(stores_make(s->store, &move), 3);
	assert_int_equal(stores_get(s, "video_1").updated_at, 1000);
}

/* SQL repeats the words of state.def: here the two are held together. */
TEST(statuses_are_those_of_the_table)
{
	struct stores *s = *state;
	for (int i = 0; i < TASK_STATE__MAX; i++) {
		struct task task = stores_task(s->user, task_state_word((enum task_state)i));
		task.state = (enum task_state)i;
		int64_t id = stores_add(s->store, &task);
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT state = '%s' AND status = '%s' FROM task WHERE id = %lld",
		         task_state_word((enum task_state)i),
		         task_status_word(task_state_status((enum task_state)i)), (long long)id);
		assert_int_equal(raw_number(s->store, sql), 1);
	}
}

TEST(channel_health_is_kept)
{
	struct stores *s = *state;
	struct channel_health health = {.failures = 7}, set = {.failures = 3, .cooldown_until = 5000};
	struct task task = stores_task(s->user, "video_1");
	assert_int_equal(store_channel_health(s->store, "default", &health), ERR_OK);
	assert_int_equal(health.failures, 0);
	assert_int_equal(health.cooldown_until, 0);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "default", &set), ERR_OK);
	set.failures = 4;
	assert_int_equal(store_channel_set_health(s->store, "default", &set), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	stores_add(s->store, &task);
	assert_int_equal(store_channel_health(s->store, "default", &health), ERR_OK);
	assert_int_equal(health.failures, 4);
	assert_int_equal(health.cooldown_until, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(task_comes_back_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(lists_have_what_clients_see, setup, teardown),
	    cmocka_unit_test_setup_teardown(foreign_task_is_as_unknown, setup, teardown),
	    cmocka_unit_test_setup_teardown(request_id_is_unique_for_a_user, setup, teardown),
	    cmocka_unit_test_setup_teardown(move_changes_what_it_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(progress_never_goes_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(errors_belong_to_failed, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_learnt_while_a_state_stays_is_seen, setup, teardown),
	    cmocka_unit_test_setup_teardown(retry_forgets_what_was_learnt, setup, teardown),
	    cmocka_unit_test_setup_teardown(deleting_keeps_what_a_cancellation_needs, setup, teardown),
	    cmocka_unit_test_setup_teardown(move_that_came_too_late_conflicts, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_no_client_sees_gives_no_revision, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_takes_no_task_along, setup, teardown),
	    cmocka_unit_test_setup_teardown(statuses_are_those_of_the_table, setup, teardown),
	    cmocka_unit_test_setup_teardown(channel_health_is_kept, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/task", tests, NULL, NULL);
}
