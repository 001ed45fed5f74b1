/* A task that its user deleted while its submission was under way, or unsure: its prompt is gone, and its job
 * is found all the same, to be cancelled. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/loop.h"
#include "domain/task/change.h"
#include "domain/task/followup.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "store/token.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

#define CAT "a cat on a bicycle" /* the prompt of stores_task() */

static struct task
row(struct domains *d)
{
	struct task task;
	assert_int_equal(store_task_find(d->s->store, d->s->arena, 0, "v", &task), ERR_OK);
	return task;
}

/* Deletes our task "v", and takes its lease. */
static struct task
delete_and_take(struct domains *d)
{
	const struct change_target target = {.user_id = d->s->user, .video_id = "v"};
	struct task task = row(d);
	assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
	struct task_move claim = stores_move(task.id, TASK_STATE_CANCELLED, TASK_STATE_CANCELLED);
	task = row(d);
	assert_int_equal(task.state, TASK_STATE_CANCELLED);
	assert_string_equal(task.prompt, "");
	claim.owner = task.owner;
	claim.new_owner = d->env.owner;
	claim.due_at = task.due_at;
	claim.completed_at = task.completed_at;
	stores_make(d->s->store, &claim);
	return row(d);
}

/* Our task "v", deleted while it was sent, and taken to be looked for. */
static struct task
deleted(struct domains *d)
{
	domains_task(d, "v", TASK_STATE_SENDING);
	return delete_and_take(d);
}

static void
run(struct domains *d, const struct followup_kind *kind, const struct task *task)
{
	struct followups *followups = followups_new(&d->env);
	assert_non_null(followups);
	followups_start(followups, kind, task);
	while (followups_active(followups) > 0)
		loop_once(d->env.loop, 60000);
	followups_free(followups);
}

/* The step that answers a list of one job with this prompt; NULL = of none. */
static struct fake_step
list_of(const char *prompt, char *text, size_t size)
{
	int len = snprintf(text, size, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"data\":[");
	if (prompt != NULL)
		len += snprintf(text + len, size - (size_t)len,
		                "{\"id\":\"a\",\"prompt\":\"%s\",\"created_at\":%lld}", prompt,
		                (long long)clock_wall_ms() / 1000);
	snprintf(text + len, size - (size_t)len, "]}");
	return (struct fake_step){.act = FAKE_ANSWER, .bytes = text};
}

static bool
is_kept(struct domains *d, const struct task *task)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	return store_prompt_kept(d->s->store, task, hash) == ERR_OK;
}

TEST(its_job_is_found_and_cancelled)
{
	static const struct {
		const char *what;
		const char *listed;
		const char *rival; /* another user's unsure task with this prompt */
		bool found;
	} rows[] = {
	    {"its own", CAT, NULL, true},
	    {"another", "q", NULL, false},
	    {"without a prompt", "", NULL, false},
	    {"a guess", CAT, CAT, false},
	    {"beside another prompt", CAT, "q", true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512];
		const struct fake_step steps[] = {
		    list_of(rows[i].listed, text, sizeof(text)),
		    {.act = FAKE_ANSWER, .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"},
		};
		struct domains *d = domains_new_as("openai", steps, 2);
		if (rows[i].rival != NULL) {
			struct task other = stores_task(stores_user(d->s->store, "eve"), "other");
			other.state = TASK_STATE_UNSURE;
			other.prompt = rows[i].rival;
			stores_add(d->s->store, &other);
		}
		struct task task = deleted(d);
		assert_true(is_kept(d, &task));
		run(d, &followup_find, &task);
		task = row(d);
		if ((task.external_id != NULL) != rows[i].found)
			fail_msg("%s", rows[i].what);
		assert_true(task.due_at > 0);
		assert_int_equal(task.state, TASK_STATE_CANCELLED);
		assert_string_equal(task.prompt, "");
		if (rows[i].found) {
			run(d, &followup_cancel, &task);
			assert_int_equal(row(d).due_at, 0);
		}
		assert_int_equal(is_kept(d, &task), !rows[i].found);
		domains_free(d);
	}
}

/* An attempt before it may have a job, too: what would tell that from the jobs of others is kept. */
TEST(what_tells_an_earlier_attempt_is_kept)
{
	const struct fake_step step = {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	struct task other = stores_task(stores_user(d->s->store, "eve"), "other");
	const struct task_meant meant = {.since = 0, .until = INT64_MAX};
	struct task_rivals rivals;
	struct task_move learn = stores_move(task.id, TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	learn.owner = learn.new_owner = task.owner;
	learn.external_id = "up-2";
	stores_make(d->s->store, &learn);
	raw_run(d->s->store,
	        "INSERT INTO attempt (task_id, n, state, ended_at, sent_at, error_code) "
	        "SELECT id, 0, 'failed', 5, 5, 'submission_unknown' FROM task WHERE video_id = 'v'");
	task = delete_and_take(d);
	run(d, &followup_cancel, &task);
	assert_int_equal(row(d).due_at, 0);
	assert_true(is_kept(d, &task));
	other.channel = task.channel;
	other.key_id = task.key_id;
	other.prompt = CAT;
	assert_int_equal(store_task_rivals(d->s->store, &other, &meant, &rivals), ERR_OK);
	assert_int_equal(rivals.others, 1);
	other.prompt = "q";
	assert_int_equal(store_task_rivals(d->s->store, &other, &meant, &rivals), ERR_OK);
	assert_int_equal(rivals.others, 0);
	domains_free(d);
}

/* A link of its job is kept as long as the cancellation may need it. */
TEST(what_is_known_of_its_job_goes_with_the_cancellation)
{
	const struct fake_step step = {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	struct task_move learn = stores_move(task.id, TASK_STATE_RUNNING, TASK_STATE_RUNNING);
	learn.owner = learn.new_owner = task.owner;
	learn.external_id = "up-1";
	learn.job = "{\"cost\":5}";
	stores_make(d->s->store, &learn);
	task = delete_and_take(d);
	assert_non_null(task.job);
	run(d, &followup_cancel, &task);
	assert_int_equal(row(d).due_at, 0);
	assert_null(row(d).job);
	domains_free(d);
}

/* The user has asked for the same again: the job may be that one's, which looks for it, too. */
TEST(what_is_wanted_still_is_not_cancelled)
{
	char text[512];
	const struct fake_step step = list_of(CAT, text, sizeof(text));
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task again = stores_task(d->s->user, "again");
	again.state = TASK_STATE_UNSURE;
	stores_add(d->s->store, &again);
	struct task task = deleted(d);
	run(d, &followup_find, &task);
	task = row(d);
	assert_null(task.external_id);
	assert_int_equal(task.tries, 0);
	assert_true(task.due_at > clock_wall_ms());
	assert_true(is_kept(d, &task));
	domains_free(d);
}

/* The hash outlives the last look, as the task goes on being a rival; but not for long. */
TEST(what_is_kept_of_its_prompt_is_forgotten)
{
	char text[512];
	const struct fake_step step = list_of(NULL, text, sizeof(text));
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = deleted(d);
	task.tries = 4;
	run(d, &followup_find, &task);
	assert_int_equal(row(d).due_at, 0);
	const struct {
		int64_t at;
		bool kept;
	} purges[] = {{task.completed_at + LIMIT_PROMPT_HASH_MS, true},
	              {task.completed_at + LIMIT_PROMPT_HASH_MS + 1, false}};
	for (size_t i = 0; i < 2; i++) {
		int64_t count;
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_purge(d->s->store, purges[i].at, 10, &count), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_int_equal(is_kept(d, &task), purges[i].kept);
	}
	domains_free(d);
}

/* A task that was deleted before anything was sent, or after its job was known, keeps nothing. */
TEST(only_what_is_looked_for_is_kept)
{
	struct domains *d = domains_new(NULL, 0);
	static const enum task_state states[] = {TASK_STATE_READY, TASK_STATE_RUNNING, TASK_STATE_FAILED};
	for (size_t i = 0; i < 3; i++) {
		const char *id = task_state_word(states[i]);
		const struct change_target target = {.user_id = d->s->user, .video_id = id};
		struct task task = domains_task(d, id, states[i]);
		assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
		assert_false(is_kept(d, &task));
	}
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(its_job_is_found_and_cancelled),
	    cmocka_unit_test(what_tells_an_earlier_attempt_is_kept),
	    cmocka_unit_test(what_is_known_of_its_job_goes_with_the_cancellation),
	    cmocka_unit_test(what_is_wanted_still_is_not_cancelled),
	    cmocka_unit_test(what_is_kept_of_its_prompt_is_forgotten),
	    cmocka_unit_test(only_what_is_looked_for_is_kept),
	};
	return cmocka_run_group_tests_name("domain/task/followup_deleted", tests, NULL, NULL);
}
