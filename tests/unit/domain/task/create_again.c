/* Requests that come without an id of the client's: what a client repeats by itself, whose repetition it is,
 * and whether it should repeat at all. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "store/store.h"
#include "store/task.h"
#include "store/fault.h"
#include "support/raw.h"
#include "support/domains.h"
#include "support/test.h"

enum { MINUTE = 60 * 1000 };

static struct create_input
input_of(const struct domains *d)
{
	return (struct create_input){
	    .user_id = d->s->user,
	    .prompt = "a cat",
	    .options = "{}",
	    .metadata = "{}",
	    .received_at = clock_wall_ms(),
	};
}

/* Makes all tasks as old as that. */
static void
age(struct domains *d, int64_t ms)
{
	char sql[80];
	snprintf(sql, sizeof(sql), "UPDATE task SET created_at = %lld", (long long)(clock_wall_ms() - ms));
	raw_run(d->s->store, sql);
}

/* Clients that repeat a request by themselves say so, and have no id for it. */
TEST(what_a_client_repeats_by_itself_is_the_same_task)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = input_of(d);
	input.received_at = clock_wall_ms();
	struct create_order first = domains_create(d, &input, ERR_OK),
	                    latest = domains_create(d, &input, ERR_OK);
	for (input.client_retries = 1; input.client_retries < 4; input.client_retries++) {
		struct create_order again = domains_create(d, &input, ERR_OK);
		assert_true(again.replayed);
		assert_string_equal(again.task.video_id, latest.task.video_id);
	}
	/* The other request is repeated as well; a third that was not there is a task of its own. */
	input.client_retries = 1;
	assert_string_equal(domains_create(d, &input, ERR_OK).task.video_id, first.task.video_id);
	assert_false(domains_create(d, &input, ERR_OK).replayed);
	assert_int_equal(domains_count(d), 3);

	input.client_retries = 9;
	struct create_input other = input;
	other.prompt = "a dog";
	assert_false(domains_create(d, &other, ERR_OK).replayed);
	other = input;
	other.user_id = stores_user(d->s->store, "bob");
	assert_false(domains_create(d, &other, ERR_OK).replayed);
	other = input;
	other.client_request_id = "mine";
	assert_false(domains_create(d, &other, ERR_OK).replayed);
	domains_free(d);
}

/* The repetition overtakes the request, which was held up on its way to the database. */
TEST(a_request_finds_its_own_repetition)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input held_up = input_of(d);
	held_up.received_at = clock_wall_ms();
	struct create_input repetition = held_up;
	repetition.client_retries = 1;
	struct create_order made = domains_create(d, &repetition, ERR_OK);
	assert_false(made.replayed);
	struct create_order late = domains_create(d, &held_up, ERR_OK);
	assert_true(late.replayed);
	assert_string_equal(late.task.video_id, made.task.video_id);
	/* One that comes afterwards is another. */
	held_up.received_at = clock_wall_ms() + 1000;
	assert_false(domains_create(d, &held_up, ERR_OK).replayed);
	domains_free(d);
}

/* As a request with an id is answered. */
TEST(what_was_deleted_is_not_made_again)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input input = input_of(d);
	struct create_order first = domains_create(d, &input, ERR_OK),
	                    latest = domains_create(d, &input, ERR_OK);
	int64_t rev;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(d->s->store, latest.task.id, 5, &rev), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	input.client_retries = 1;
	assert_false(domains_create(d, &input, ERR_TASK_DELETED).replayed);
	/* That one has had its repetition; the next is the other's. */
	assert_string_equal(domains_create(d, &input, ERR_OK).task.video_id, first.task.video_id);
	input.client_retries = 2;
	domains_create(d, &input, ERR_TASK_DELETED);
	assert_int_equal(domains_count(d), 1);
	domains_free(d);
}

TEST(two_programs_of_one_user_do_not_meet)
{
	struct domains *d = domains_new(NULL, 0);
	struct create_input one = input_of(d), other = one, login = one;
	one.api_key = 1;
	other.api_key = 2;
	struct create_order made = domains_create(d, &one, ERR_OK);
	assert_int_equal(stores_get(d->s, made.task.video_id).api_key, 1);
	one.client_retries = other.client_retries = login.client_retries = 1;
	assert_false(domains_create(d, &other, ERR_OK).replayed);
	assert_false(domains_create(d, &login, ERR_OK).replayed);
	assert_string_equal(domains_create(d, &one, ERR_OK).task.video_id, made.task.video_id);
	/* Nor is one told not to repeat on account of the other. */
	d->config.rate_create = 1;
	one.client_retries = login.client_retries = 0;
	one.received_at = login.received_at = clock_wall_ms() + 1000;
	domains_create(d, &login, ERR_OK); /* takes the one that is allowed */
	assert_true(domains_create(d, &one, ERR_RATE_LIMITED).retry_ambiguous);
	one.api_key = 4;
	assert_false(domains_create(d, &one, ERR_RATE_LIMITED).retry_ambiguous);
	domains_free(d);
}

/* Ten minutes for each try, and a pause between them. */
TEST(a_client_is_known_for_as_long_as_it_tries)
{
	static const struct {
		int64_t client_retries, minutes;
		bool replayed;
	} rows[] = {{1, 10, true},  {1, 12, false}, {2, 21, true},  {2, 23, false},
	            {3, 32, true},  {3, 34, false}, {9, 32, true},  {9, 34, false},
	            {1, -1, true}, /* clocks of two machines differ */};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = domains_new(NULL, 0);
		struct create_input input = input_of(d);
		domains_create(d, &input, ERR_OK);
		age(d, rows[i].minutes * MINUTE);
		input.client_retries = rows[i].client_retries;
		if (domains_create(d, &input, ERR_OK).replayed != rows[i].replayed)
			fail_msg("repetition %lld after %lld minutes", (long long)rows[i].client_retries,
			         (long long)rows[i].minutes);
		domains_free(d);
	}
}

/* Whatever step fails. A repetition would bring the older task, unless there is none. */
TEST(a_store_that_fails_says_whether_to_repeat)
{
	const enum err_code codes[] = {ERR_BUSY, ERR_NO_SPACE, ERR_INTERNAL};
	for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		bool pending = false;
		for (int64_t nth = 1; !pending; nth++) {
			struct domains *d = domains_new(NULL, 0);
			struct create_input old = input_of(d), fresh = old;
			fresh.prompt = "a dog";
			domains_create(d, &old, ERR_OK);
			struct create_input named = old;
			named.client_request_id = "mine";
			struct create_order orders[] = {
			    {.input = &old}, {.input = &fresh}, {.input = &named}};
			channels_refresh(d->env.channels, d->env.store);
			store_fault_set(d->env.store, nth, codes[c]);
			domains_create_all(d, orders, 3);
			pending = store_fault_pending(d->env.store);
			store_fault_set(d->env.store, 0, 0);
			bool failed = orders[0].err != ERR_OK;
			assert_int_equal(orders[0].retry_ambiguous, failed);
			/* A commit of unknown outcome may have left the request's own. */
			if (orders[1].err != ERR_UNCERTAIN)
				assert_false(orders[1].retry_ambiguous);
			assert_int_equal(orders[1].err != ERR_OK, failed);
			assert_false(orders[2].retry_ambiguous);
			assert_true(!pending || nth > 5);
			domains_free(d);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_client_repeats_by_itself_is_the_same_task),
	    cmocka_unit_test(a_request_finds_its_own_repetition),
	    cmocka_unit_test(what_was_deleted_is_not_made_again),
	    cmocka_unit_test(two_programs_of_one_user_do_not_meet),
	    cmocka_unit_test(a_client_is_known_for_as_long_as_it_tries),
	    cmocka_unit_test(a_store_that_fails_says_whether_to_repeat),
	};
	return cmocka_run_group_tests_name("domain/task/create_again", tests, NULL, NULL);
}
