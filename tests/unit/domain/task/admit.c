/* What users and keys may have made: models, open tasks, rates; at creation and retry. */
#include "domain/task/admit.h"

#include "base/clock.h"
#include "domain/task/change.h"
#include "store/key.h"
#include "store/store.h"
#include "store/user.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

enum { KEY = 7 };

static enum err_code
try(struct domains *d, int64_t user, int64_t key, int64_t count)
{
	struct admit wanted = {.user_id = user, .api_key = key, .count = count};
	int64_t wait = 0;
	enum err_code err = admit_check(&d->env, d->s->arena, &wanted, clock_wall_ms(), &wait);
	if (err == ERR_TOO_MANY_OPEN)
		assert_in_range(wait, 1000, 60000);
	else
		assert_int_equal(wait, 0);
	return err;
}

static void
limit(struct domains *d, int64_t user, int64_t key)
{
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	struct user_settings settings = {.max_open = user, .rate = -1, .note = ""};
	struct key changed;
	assert_int_equal(store_user_set(d->s->store, d->s->user, &settings), ERR_OK);
	assert_int_equal(store_key_get(d->s->store, d->s->arena, 0, KEY, &changed), ERR_OK);
	changed.max_open = key;
	assert_int_equal(store_key_set(d->s->store, &changed), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

static struct domains *new (void)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.rate_create = 0;
	raw_run(d->s->store, "INSERT INTO api_key (id, user_id, name, hint, created_at, expires_at) "
	                     "VALUES (7, 1, 'k', 'k', 1, 0)");
	return d;
}

TEST(what_is_open_counts_and_what_has_ended_does_not)
{
	struct domains *d = new ();
	int64_t bob = stores_user(d->s->store, "bob");
	static const enum task_state states[] = {
	    TASK_STATE_READY,  TASK_STATE_SENDING,   TASK_STATE_UNSURE,    TASK_STATE_RUNNING,
	    TASK_STATE_FAILED, TASK_STATE_CANCELLED, TASK_STATE_COMPLETED, TASK_STATE_FAILED};
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		domains_task(d, arena_printf(d->s->arena, "v%zu", i), states[i]);
	assert_int_equal(try(d, d->s->user, 0, 1000), ERR_OK); /* by default any number */
	d->config.max_open = 5;
	assert_int_equal(try(d, d->s->user, 0, 1), ERR_OK);
	assert_int_equal(try(d, d->s->user, 0, 2), ERR_TOO_MANY_OPEN);
	assert_int_equal(try(d, bob, 0, 5), ERR_OK);
	assert_int_equal(try(d, bob, 0, 6), ERR_TOO_MANY_OPEN);
	domains_free(d);
}

TEST(a_user_and_a_key_may_have_limits_of_their_own)
{
	struct domains *d = new ();
	d->config.max_open = 2;
	for (int i = 0; i < 2; i++)
		domains_task(d, i ? "a" : "b", TASK_STATE_RUNNING);
	raw_run(d->s->store, "UPDATE task SET api_key = 7 WHERE video_id = 'a'");
	limit(d, -1, -1);
	assert_int_equal(try(d, d->s->user, 0, 1), ERR_TOO_MANY_OPEN);
	assert_int_equal(try(d, d->s->user, KEY, 1), ERR_TOO_MANY_OPEN);
	limit(d, 3, 2);
	assert_int_equal(try(d, d->s->user, 0, 1), ERR_OK);
	assert_int_equal(try(d, d->s->user, KEY, 1), ERR_OK);
	assert_int_equal(try(d, d->s->user, 0, 2), ERR_TOO_MANY_OPEN);
	limit(d, 0, 2);
	assert_int_equal(try(d, d->s->user, 0, 1000), ERR_OK);
	assert_int_equal(try(d, d->s->user, KEY, 2), ERR_TOO_MANY_OPEN);
	limit(d, 0, 0);
	assert_int_equal(try(d, d->s->user, KEY, 1000), ERR_OK);
	domains_free(d);
}

/* ---- models and rates ---- */

static enum err_code
wants(struct domains *d, int64_t key, const char *model)
{
	struct admit wanted = {.user_id = d->s->user, .api_key = key, .model = model, .count = 1};
	int64_t wait = 0;
	return admit_check(&d->env, d->s->arena, &wanted, clock_wall_ms(), &wait);
}

TEST(models_are_those_of_the_key_and_of_the_group)
{
	struct domains *d = new ();
	assert_int_equal(wants(d, KEY, "sora"), ERR_OK);
	assert_int_equal(wants(d, KEY, NULL), ERR_OK);
	raw_run(d->s->store, "UPDATE api_key SET models = 'wan* kling'");
	assert_int_equal(wants(d, KEY, "sora"), ERR_MODEL_NOT_ALLOWED);
	assert_int_equal(wants(d, KEY, "wan2.6"), ERR_OK);
	assert_int_equal(wants(d, KEY, NULL), ERR_MODEL_NOT_ALLOWED);
	assert_int_equal(wants(d, 0, "sora"), ERR_OK);
	raw_run(d->s->store,
	        "INSERT INTO user_group (id, name, models, created_at) VALUES (3, 'g', 'sora default', 1)");
	raw_run(d->s->store, "UPDATE \"user\" SET group_id = 3");
	assert_int_equal(wants(d, 0, "sora"), ERR_OK);
	assert_int_equal(wants(d, 0, NULL), ERR_OK);
	assert_int_equal(wants(d, 0, "kling"), ERR_MODEL_NOT_ALLOWED);
	assert_int_equal(wants(d, KEY, "kling"), ERR_MODEL_NOT_ALLOWED);
	assert_int_equal(wants(d, KEY, "sora"), ERR_MODEL_NOT_ALLOWED);
	/* The model comes first: */
	d->config.max_open = 1;
	domains_task(d, "v", TASK_STATE_RUNNING);
	assert_int_equal(wants(d, 0, "kling"), ERR_MODEL_NOT_ALLOWED);
	assert_int_equal(wants(d, 0, "sora"), ERR_TOO_MANY_OPEN);
	domains_free(d);
}

static enum err_code
take(struct domains *d, int64_t key, int64_t count, int64_t *ret_wait)
{
	struct admit wanted = {.user_id = d->s->user, .api_key = key, .count = count};
	int64_t now = clock_wall_ms();
	*ret_wait = 0;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = admit_check(&d->env, d->s->arena, &wanted, now, ret_wait);
	if (err == ERR_OK)
		assert_int_equal(admit_count(&d->env, &wanted, now), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	return err;
}

TEST(a_rate_is_the_users_or_the_groups_or_that_of_the_configuration)
{
	struct domains *d = new ();
	int64_t wait;
	d->config.rate_create = 1;
	raw_run(d->s->store, "INSERT INTO user_group (id, name, rate, created_at) VALUES (3, 'g', 3, 1)");
	assert_int_equal(take(d, 0, 2, &wait), ERR_RATE_LIMITED);
	assert_in_range(wait, 1, 60000);
	raw_run(d->s->store, "UPDATE \"user\" SET group_id = 3");
	assert_int_equal(take(d, 0, 2, &wait), ERR_OK);
	assert_int_equal(take(d, 0, 2, &wait), ERR_RATE_LIMITED);
	raw_run(d->s->store, "UPDATE \"user\" SET rate = 0");
	assert_int_equal(take(d, 0, 1000, &wait), ERR_OK);
	domains_free(d);
}

TEST(a_key_has_a_rate_beside_its_users)
{
	struct domains *d = new ();
	int64_t wait;
	d->config.rate_create = 4;
	raw_run(d->s->store, "UPDATE api_key SET rate = 2");
	assert_int_equal(take(d, KEY, 2, &wait), ERR_OK);
	for (int i = 0; i < 5; i++) /* refused by the key: nothing is taken of the user's */
		assert_int_equal(take(d, KEY, 1, &wait), ERR_RATE_LIMITED);
	assert_in_range(wait, 1, 30000);
	assert_int_equal(take(d, 0, 2, &wait), ERR_OK);
	assert_int_equal(take(d, 0, 1, &wait), ERR_RATE_LIMITED);
	domains_free(d);
}

TEST(a_retry_is_limited_by_the_key_that_asks)
{
	struct domains *d = new ();
	struct task told;
	struct change_refusal refusal;
	struct change_target target = {d->s->user, "v", KEY, .asker = d->s->user};
	domains_task(d, "v", TASK_STATE_FAILED);
	raw_run(d->s->store, "UPDATE task SET owner = NULL, due_at = 0, model = 'sora', api_key = 8");
	raw_run(d->s->store,
	        "INSERT INTO api_key (id, user_id, name, hint, created_at, expires_at, max_open) "
	        "VALUES (8, 1, 'k', 'k', 1, 0, 1)");
	domains_task(d, "other", TASK_STATE_RUNNING);
	raw_run(d->s->store, "UPDATE task SET api_key = 8 WHERE video_id = 'other'");
	raw_run(d->s->store, "UPDATE api_key SET models = 'wan*' WHERE id = 7");
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_MODEL_NOT_ALLOWED);
	target.api_key = 8;
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_TOO_MANY_OPEN);
	/* The operator's counts for the key that the task was made with. */
	target.asker = d->s->user + 1;
	target.api_key = KEY;
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_TOO_MANY_OPEN);
	target.asker = d->s->user;
	target.api_key = 0;
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_OK);
	assert_int_equal(told.api_key, 0);
	assert_int_equal(raw_number(d->s->store, "SELECT api_key FROM task WHERE video_id = 'v'"), 0);
	domains_free(d);
}

TEST(a_batch_is_counted_exactly)
{
	struct domains *d = new ();
	d->config.max_open = 3;
	struct create_input input = {
	    .user_id = d->s->user, .prompt = "p", .options = "{}", .metadata = "{}", .set = 1};
	struct create_order orders[5] = {{0}};
	for (int i = 0; i < 5; i++)
		orders[i] = (struct create_order){
		    .next = i < 4 ? &orders[i + 1] : NULL, .input = &input, .arena = d->s->arena};
	create_tasks(&d->env, orders);
	for (int i = 0; i < 5; i++)
		assert_int_equal(orders[i].err, i < 3 ? ERR_OK : ERR_TOO_MANY_OPEN);
	assert_in_range(orders[4].wait_ms, 1000, 60000);
	domains_free(d);
}

TEST(a_retry_opens_a_task_too)
{
	struct domains *d = new ();
	const struct change_target target = {d->s->user, "v", 0};
	struct task told;
	struct change_refusal refusal;
	d->config.max_open = 1;
	domains_task(d, "v", TASK_STATE_FAILED);
	raw_run(d->s->store, "UPDATE task SET owner = NULL, due_at = 0");
	domains_task(d, "other", TASK_STATE_RUNNING);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_TOO_MANY_OPEN);
	assert_in_range(refusal.wait_ms, 1000, 60000);
	d->config.max_open = 2;
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_OK);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_open_counts_and_what_has_ended_does_not),
	    cmocka_unit_test(a_user_and_a_key_may_have_limits_of_their_own),
	    cmocka_unit_test(models_are_those_of_the_key_and_of_the_group),
	    cmocka_unit_test(a_rate_is_the_users_or_the_groups_or_that_of_the_configuration),
	    cmocka_unit_test(a_key_has_a_rate_beside_its_users),
	    cmocka_unit_test(a_retry_is_limited_by_the_key_that_asks),
	    cmocka_unit_test(a_batch_is_counted_exactly),
	    cmocka_unit_test(a_retry_opens_a_task_too),
	};
	return cmocka_run_group_tests_name("domain/task/admit", tests, NULL, NULL);
}
