/* New tasks: what is written down, and that the same request makes one task, however often and at once it
 * comes. */

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "domain/lease.h"
#include "model/channel_row.h"
#include "store/channel.h"
#include "store/claim.h"
#include "store/store.h"
#include "store/fault.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

static const uint8_t image[CRYPTO_HASH_SIZE] = {1};
static const uint8_t other_image[CRYPTO_HASH_SIZE] = {2};

static struct create_input
full_input(const struct domains *d, const char *request_id)
{
	return (struct create_input){
	    .user_id = d->s->user,
	    .client_request_id = request_id,
	    .prompt = "a cat",
	    .model = "sora_video2",
	    .size = "1280x720",
	    .seconds = 10,
	    .aspect_ratio = "16:9",
	    .options = "{\"hd\":true}",
	    .metadata = "{\"a\":1}",
	    .input_file = "file-1",
	    .images = "[]",
	    .input_type = "image/png",
	    .input_sha256 = image,
	};
}

TEST(a_task_is_written_down_whole)
{
	struct domains *d = domains_new(NULL, 0);
	const struct create_input input = full_input(d, "mine");
	int64_t before = clock_wall_ms();
	struct create_order result = domains_create(d, &input, ERR_OK);
	assert_false(result.replayed);
	struct task row = stores_get(d->s, result.task.video_id);
	assert_int_equal(row.id, result.task.id);
	assert_int_equal(row.rev, result.task.rev);
	assert_int_equal(row.state, TASK_STATE_SENDING);
	assert_int_equal(result.task.state, TASK_STATE_SENDING);
	assert_string_equal(row.owner, "me");
	assert_in_range(row.created_at, before, clock_wall_ms());
	assert_int_equal(row.due_at, row.created_at + lease_submit(&d->config));
	assert_int_equal(row.deadline_at, row.created_at + d->config.task_deadline);
	assert_string_equal(row.client_request_id, "mine");
	assert_string_equal(row.channel, "default");
	assert_string_equal(row.prompt, "a cat");
	assert_string_equal(row.model, "sora_video2");
	assert_string_equal(row.size, "1280x720");
	assert_int_equal(row.seconds, 10);
	assert_string_equal(row.aspect_ratio, "16:9");
	assert_string_equal(row.media_type, "VIDEO");
	assert_string_equal(row.options, "{\"hd\":true}");
	assert_string_equal(row.metadata, "{\"a\":1}");
	assert_string_equal(row.input_file, "file-1");
	assert_string_equal(row.images, "[]");
	assert_string_equal(row.input_type, "image/png");
	assert_int_equal(row.attempt, 1);
	assert_null(row.external_id);
	domains_free(d);
}

TEST(a_repetition_gives_the_same_task)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = full_input(d, "mine");
	struct create_order first = domains_create(d, &input, ERR_OK);
	input.input_file = "file-2"; /* the same picture was uploaded again, under another name */
	struct create_order second = domains_create(d, &input, ERR_OK);
	assert_true(second.replayed);
	assert_string_equal(second.task.video_id, first.task.video_id);
	assert_int_equal(second.task.rev, first.task.rev);
	assert_int_equal(domains_count(d), 1);
	domains_free(d);
}

TEST(without_an_id_every_request_is_a_task)
{
	struct domains *d = domains_new(NULL, 0);
	const struct create_input input = full_input(d, NULL);
	struct create_order first = domains_create(d, &input, ERR_OK);
	struct create_order second = domains_create(d, &input, ERR_OK);
	assert_false(second.replayed);
	assert_string_not_equal(second.task.video_id, first.task.video_id);
	domains_free(d);
}

TEST(ids_of_two_users_do_not_meet)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = full_input(d, "mine");
	domains_create(d, &input, ERR_OK);
	input.user_id = stores_user(d->s->store, "bob");
	input.prompt = "a dog";
	assert_false(domains_create(d, &input, ERR_OK).replayed);
	domains_free(d);
}

/* Every piece of content counts, and where one ends and the next begins. */
TEST(other_content_under_the_same_id_is_refused)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input changed[16];
	size_t count = 0;
	const struct create_input input = full_input(d, "mine");
	domains_create(d, &input, ERR_OK);
#define CHANGE(member, value)                                                                                \
	changed[count] = input;                                                                              \
	changed[count++].member = value
	CHANGE(prompt, "a dog");
	CHANGE(prompt, "a cat ");
	CHANGE(model, NULL);
	CHANGE(model, "");
	CHANGE(size, "720x1280");
	CHANGE(seconds, 0);
	CHANGE(aspect_ratio, "9:16");
	CHANGE(options, "{}");
	CHANGE(metadata, "{\"a\":2}");
	CHANGE(input_sha256, NULL);
	CHANGE(input_sha256, other_image);
	CHANGE(images_sha256, image);
	CHANGE(prompt, "a catsora");
	changed[count - 1].model = "_video2";
#undef CHANGE
	for (size_t i = 0; i < count; i++)
		domains_create(d, &changed[i], ERR_REQUEST_ID_REUSED);
	assert_int_equal(domains_count(d), 1);
	assert_true(domains_create(d, &input, ERR_OK).replayed);
	domains_free(d);
}

TEST(a_repetition_neither_counts_nor_is_limited)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.rate_create = 2;
	struct create_input input = full_input(d, "one");
	domains_create(d, &input, ERR_OK);
	for (int i = 0; i < 5; i++)
		assert_true(domains_create(d, &input, ERR_OK).replayed);
	input.client_request_id = "two";
	domains_create(d, &input, ERR_OK);
	input.client_request_id = "three";
	assert_in_range(domains_create(d, &input, ERR_RATE_LIMITED).wait_ms, 1, 30000);
	input.client_request_id = "one";
	assert_true(domains_create(d, &input, ERR_OK).replayed);
	input.client_request_id = "three";
	input.user_id = stores_user(d->s->store, "bob");
	domains_create(d, &input, ERR_OK);
	assert_int_equal(domains_count(d), 3);
	domains_free(d);
}

TEST(no_upstream_is_told_but_not_to_a_repetition)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = full_input(d, "mine");
	domains_create(d, &input, ERR_OK);
	char why[128];
	d->config.upstream_base = "";
	struct channels *empty = channels_open(&d->config, "conf/dialects", why, sizeof(why));
	assert_non_null(empty);
	d->env.channels = empty;
	assert_true(domains_create(d, &input, ERR_OK).replayed);
	input.client_request_id = "new";
	domains_create(d, &input, ERR_NO_CHANNEL);
	assert_int_equal(domains_count(d), 1);
	channels_close(empty);
	domains_free(d);
}

TEST(while_the_channel_cools_down_a_task_waits)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = full_input(d, NULL);
	int64_t until = clock_wall_ms() + 60000;
	domains_set_health(d, (struct channel_health){.failures = 1, .cooldown_until = until});
	struct create_order result = domains_create(d, &input, ERR_OK);
	assert_int_equal(result.task.state, TASK_STATE_READY);
	struct task row = stores_get(d->s, result.task.video_id);
	assert_int_equal(row.state, TASK_STATE_READY);
	assert_null(row.owner);
	int64_t due;
	assert_int_equal(store_task_next_due(d->s->store, &due), ERR_OK);
	assert_int_equal(due, until);
	/* It goes before a new one, which waits behind it even now. */
	domains_set_health(d, (struct channel_health){.failures = 1, .cooldown_until = clock_wall_ms() - 1});
	assert_int_equal(domains_create(d, &input, ERR_OK).task.state, TASK_STATE_READY);
	raw_run(d->s->store, "UPDATE task SET due_at = 0, state = 'cancelled'");
	assert_int_equal(domains_create(d, &input, ERR_OK).task.state, TASK_STATE_SENDING);
	domains_free(d);
}

/* ---- at once ---- */

enum { CROWD = 4, ROUNDS = 20 };

struct racer {
	struct domains *d;
	pthread_barrier_t *start;
	enum err_code err[ROUNDS];
	bool replayed[ROUNDS];
	char video_id[ROUNDS][64];
};

/* Uses no assertion: cmocka's belong to the main thread. */
static void *
race(void *cookie)
{
	struct racer *racer = cookie;
	struct domain_env env = racer->d->env;
	struct arena *arena = arena_new();
	enum err_code opened = store_open(racer->d->s->dir, STORE_WRITE, &env.store);
	for (int i = 0; i < ROUNDS; i++) {
		char id[16];
		snprintf(id, sizeof(id), "r%d", i);
		const struct create_input input = full_input(racer->d, id);
		struct create_order order = {.input = &input, .arena = arena, .err = opened};
		pthread_barrier_wait(racer->start);
		if (opened == ERR_OK)
			create_tasks(&env, &order);
		racer->err[i] = order.err;
		racer->replayed[i] = order.replayed;
		snprintf(racer->video_id[i], sizeof(racer->video_id[i]), "%s",
		         order.task.video_id != NULL ? order.task.video_id : "");
	}
	if (opened == ERR_OK)
		store_close(env.store);
	arena_free(arena);
	return NULL;
}

TEST(many_at_once_make_one_task)
{
	struct domains *d = domains_new(NULL, 0);
	pthread_barrier_t start;
	pthread_t threads[CROWD];
	struct racer *racers = calloc(CROWD, sizeof(*racers));
	assert_non_null(racers);
	pthread_barrier_init(&start, NULL, CROWD);
	for (int i = 0; i < CROWD; i++) {
		racers[i].d = d;
		racers[i].start = &start;
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	for (int round = 0; round < ROUNDS; round++) {
		int made = 0;
		for (int i = 0; i < CROWD; i++) {
			assert_int_equal(racers[i].err[round], ERR_OK);
			assert_string_equal(racers[i].video_id[round], racers[0].video_id[round]);
			made += !racers[i].replayed[round];
		}
		assert_int_equal(made, 1);
	}
	assert_int_equal(domains_count(d), ROUNDS);
	pthread_barrier_destroy(&start);
	free(racers);
	domains_free(d);
}

/* ---- failing writes ---- */

/* Whatever step fails: no task without success, but where the outcome is unknown; and the next try succeeds.
 */
TEST(a_failing_write_leaves_nothing_behind)
{
	const enum err_code codes[] = {ERR_BUSY, ERR_NO_SPACE, ERR_INTERNAL};
	for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		bool pending = false;
		for (int64_t nth = 1; !pending; nth++) {
			struct domains *d = domains_new(NULL, 0);
			d->config.rate_create = 1;
			struct create_input input = full_input(d, "mine");
			struct create_order order = {.input = &input};
			channels_refresh(d->env.channels, d->env.store);
			store_fault_set(d->env.store, nth, codes[c]);
			domains_create_all(d, &order, 1);
			enum err_code err = order.err;
			pending = store_fault_pending(d->env.store);
			store_fault_set(d->env.store, 0, 0);
			/* The first step looks for an earlier one, which is done again in the transaction. */
			assert_true(err == ERR_OK ? pending || nth == 1 : !pending);
			if (err != ERR_OK && err != ERR_UNCERTAIN)
				assert_int_equal(domains_count(d), 0);
			domains_create(d, &input, ERR_OK);
			assert_int_equal(domains_count(d), 1);
			assert_true(!pending || nth > 5);
			domains_free(d);
		}
	}
}

/* ---- many at once ---- */

/* Each order has its own answer, whatever becomes of its neighbours: and the same id twice in one batch is
 * one task. */
TEST(orders_of_one_batch_do_not_meet)
{
	enum { ORDERS = 6 };
	struct domains *d = domains_new(NULL, 0);
	struct create_input old = full_input(d, "old"), reused = full_input(d, "old"),
	                    fresh = full_input(d, "new"), plain = full_input(d, NULL),
	                    remix = full_input(d, "remix");
	const struct task open = {.channel = "default",
	                          .external_id = "up-1",
	                          .state = TASK_STATE_RUNNING,
	                          .size = remix.size,
	                          .seconds = remix.seconds,
	                          .aspect_ratio = remix.aspect_ratio};
	reused.prompt = "a dog";
	remix.source = &open;
	remix.job = DIALECT_REMIX;
	struct create_order before = domains_create(d, &old, ERR_OK);
	const struct create_input *inputs[ORDERS] = {&old, &reused, &fresh, &fresh, &plain, &remix};
	const enum err_code errs[ORDERS] = {ERR_OK, ERR_REQUEST_ID_REUSED, ERR_OK, ERR_OK,
	                                    ERR_OK, ERR_NOT_COMPLETED};
	const bool replayed[ORDERS] = {true, false, false, true, false, false};
	struct create_order orders[ORDERS];
	for (int i = 0; i < ORDERS; i++)
		orders[i] = (struct create_order){.input = inputs[i]};
	domains_create_all(d, orders, ORDERS);
	for (int i = 0; i < ORDERS; i++) {
		assert_int_equal(orders[i].err, errs[i]);
		assert_int_equal(orders[i].replayed, replayed[i]);
	}
	assert_string_equal(orders[0].task.video_id, before.task.video_id);
	assert_string_equal(orders[3].task.video_id, orders[2].task.video_id);
	assert_int_equal(domains_count(d), 3);
	domains_free(d);
}

TEST(a_commit_that_fails_fails_all_that_is_new)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input old = full_input(d, "old"), first = full_input(d, "1"),
	                    second = full_input(d, "2");
	domains_create(d, &old, ERR_OK);
	for (int64_t nth = 5; nth < 40; nth++) {
		struct create_order orders[] = {{.input = &first}, {.input = &old}, {.input = &second}};
		store_fault_set(d->env.store, nth, ERR_NO_SPACE);
		domains_create_all(d, orders, 3);
		bool pending = store_fault_pending(d->env.store);
		store_fault_set(d->env.store, 0, 0);
		assert_int_equal(orders[1].err, ERR_OK);
		assert_true(orders[1].replayed);
		assert_int_equal(orders[0].err, pending ? ERR_OK : ERR_NO_SPACE);
		assert_int_equal(orders[2].err, orders[0].err);
		assert_int_equal(domains_count(d), pending ? 3 : 1);
		if (pending)
			break;
	}
	assert_int_equal(domains_count(d), 3);
	domains_free(d);
}

/* The orders of a set of up to 4, by ids or without. */
struct set {
	struct create_input inputs[4];
	struct create_order orders[4];
	char ids[4][32];
};

static void
make_set(struct domains *d, struct set *set, const char *id, size_t count)
{
	memset(set, 0, sizeof(*set));
	for (size_t i = 0; i < count; i++) {
		snprintf(set->ids[i], sizeof(set->ids[i]), count > 1 ? "%s#%zu" : "%s", id != NULL ? id : "",
		         i + 1);
		set->inputs[i] = full_input(d, id != NULL ? set->ids[i] : NULL);
		set->inputs[i].set_id = count > 1 ? id : NULL;
		set->inputs[i].set = (int64_t)count;
		set->inputs[i].place = (int64_t)i;
		set->orders[i].input = &set->inputs[i];
	}
	domains_create_all(d, set->orders, count);
}

static void
assert_set(const struct set *set, size_t count, enum err_code err, bool replayed)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(set->orders[i].err, err);
		assert_int_equal(set->orders[i].replayed, replayed);
	}
}

TEST(a_set_is_made_wholly_or_not_at_all)
{
	struct domains *d = domains_new(NULL, 0);
	struct set set, other;
	d->config.rate_create = 4;
	make_set(d, &set, "a", 3);
	assert_set(&set, 3, ERR_OK, false);
	assert_int_equal(domains_count(d), 3);
	make_set(d, &other, "a", 3);
	assert_set(&other, 3, ERR_OK, true);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(other.orders[i].task.video_id, set.orders[i].task.video_id);
	make_set(d, &other, "a", 2);
	assert_set(&other, 2, ERR_REQUEST_ID_REUSED, false);
	make_set(d, &other, "b", 2);
	assert_set(&other, 2, ERR_RATE_LIMITED, false);
	assert_in_range(other.orders[0].wait_ms, 1, 15000);
	make_set(d, &other, "b#2", 1); /* nothing was counted for the two */
	assert_set(&other, 1, ERR_OK, false);
	d->config.rate_create = 0;
	make_set(d, &other, "b", 2); /* the second id is taken */
	assert_set(&other, 2, ERR_REQUEST_ID_REUSED, false);
	assert_int_equal(domains_count(d), 4);
	make_set(d, &other, "a", 1); /* an id is a set's or a task's */
	assert_set(&other, 1, ERR_REQUEST_ID_REUSED, false);
	make_set(d, &other, "c#1", 1); /* … which may look like one of a set */
	make_set(d, &other, "c", 1);
	assert_set(&other, 1, ERR_OK, false);
	assert_int_equal(domains_count(d), 6);
	domains_free(d);
}

TEST(a_set_without_an_id_is_known_by_its_content)
{
	struct domains *d = domains_new(NULL, 0);
	struct set first, again = {0};
	make_set(d, &first, NULL, 2);
	assert_set(&first, 2, ERR_OK, false);
	for (size_t i = 0; i < 2; i++) {
		again.inputs[i] = first.inputs[i];
		again.inputs[i].client_retries = 1;
		again.orders[i].input = &again.inputs[i];
	}
	domains_create_all(d, again.orders, 2);
	assert_set(&again, 2, ERR_OK, true);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(again.orders[i].task.video_id, first.orders[i].task.video_id);
	assert_int_equal(domains_count(d), 2);
	domains_free(d);
}

/* A channel's room is counted down task by task. */
TEST(a_set_keeps_to_the_room_of_its_channel)
{
	struct domains *d = domains_new(NULL, 0);
	struct set set;
	const struct channel_row row = {.name = "default",
	                                .dialect = "sora",
	                                .models = "",
	                                .weight = 1,
	                                .concurrency = 2,
	                                .enabled = true};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	make_set(d, &set, "a", 4);
	assert_set(&set, 4, ERR_OK, false);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(set.orders[i].task.state, i < 2 ? TASK_STATE_SENDING : TASK_STATE_READY);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_task_is_written_down_whole),
	    cmocka_unit_test(a_set_is_made_wholly_or_not_at_all),
	    cmocka_unit_test(a_set_without_an_id_is_known_by_its_content),
	    cmocka_unit_test(a_set_keeps_to_the_room_of_its_channel),
	    cmocka_unit_test(a_repetition_gives_the_same_task),
	    cmocka_unit_test(without_an_id_every_request_is_a_task),
	    cmocka_unit_test(ids_of_two_users_do_not_meet),
	    cmocka_unit_test(other_content_under_the_same_id_is_refused),
	    cmocka_unit_test(a_repetition_neither_counts_nor_is_limited),
	    cmocka_unit_test(no_upstream_is_told_but_not_to_a_repetition),
	    cmocka_unit_test(while_the_channel_cools_down_a_task_waits),
	    cmocka_unit_test(many_at_once_make_one_task),
	    cmocka_unit_test(a_failing_write_leaves_nothing_behind),
	    cmocka_unit_test(orders_of_one_batch_do_not_meet),
	    cmocka_unit_test(a_commit_that_fails_fails_all_that_is_new),
	};
	return cmocka_run_group_tests_name("domain/task/create", tests, NULL, NULL);
}
