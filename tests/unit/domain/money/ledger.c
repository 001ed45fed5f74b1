/* The check of the accounts finds budgets that were not kept to, and lets those be that were lowered. */
#include "domain/money/ledger.h"

#include <stdio.h>
#include <string.h>

#include "domain/task/create.h"
#include "store/budget.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

enum { KEY = 7 };

/* Makes what costs MONEY_PRICE, with the key. */
static void
create(struct domains *d)
{
	const struct create_input input = {
	    .user_id = d->s->user, .api_key = KEY, .prompt = "a cat", .options = "{}", .metadata = "{}"};
	domains_create(d, &input, ERR_OK);
}

/* Of all time, so that no day ends within the test. */
static void
budget(struct domains *d, enum budget_subject subject, const char *who, int64_t amount)
{
	const struct budget_row row = {
	    .subject = subject, .who = who, .window = WINDOW_TOTAL, .amount = amount};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_budget_set(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

/* How many faults are found, each of a budget and with these words. */
static size_t
faults(struct domains *d, const char *what)
{
	struct ledger_fault *items = NULL;
	size_t count = 0;
	assert_int_equal(ledger_check(&d->env, d->s->arena, 9, &items, &count), ERR_OK);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(items[i].rule, "budget");
		if (strstr(items[i].what, what) == NULL)
			fail_msg("%s", items[i].what);
	}
	return count;
}

TEST(a_budget_is_kept_to_from_when_it_was_set)
{
	struct domains *d = money_domains();
	char user[BUDGET_WHO];
	snprintf(user, sizeof(user), "%d", (int)d->s->user);
	const struct {
		enum budget_subject subject;
		const char *who, *what;
	} rows[] = {{BUDGET_USER, user, "the budget of user "},
	            {BUDGET_KEY, "7", "the budget of key 7 for the "},
	            {BUDGET_CHANNEL, "default", "the budget of channel default for the "},
	            {BUDGET_ALL, "", "the budget of all for the "}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		create(d);
		budget(d, rows[i].subject, rows[i].who, 100 * (int64_t)MONEY_PRICE);
		assert_int_equal(faults(d, ""), 0);
		budget(d, rows[i].subject, rows[i].who, 1);
		assert_int_equal(faults(d, ""), 0);
		budget(d, rows[i].subject, rows[i].who, 100 * (int64_t)MONEY_PRICE);
		create(d);
		assert_int_equal(faults(d, ""), 0);
		/* As if the creation had not looked. */
		raw_run(d->s->store, "UPDATE budget SET amount = 1");
		assert_int_equal(faults(d, rows[i].what), 1);
		/* As if it had been set later. */
		raw_run(d->s->store, "UPDATE budget SET since = (SELECT max(id) FROM charge)");
		assert_int_equal(faults(d, ""), 0);
		budget(d, rows[i].subject, rows[i].who, -1);
	}
	domains_free(d);
}

/* Has the charge count for another day, and notes whether weeks began on Sunday then. */
static void
move(struct domains *d, int id, int day, int sunday)
{
	char text[200];
	snprintf(text, sizeof(text), "UPDATE charge SET day = %d, sunday = %d WHERE id = %d", day, sunday,
	         id);
	raw_run(d->s->store, text);
	raw_run(d->s->store, "DELETE FROM spend_day");
	raw_run(d->s->store, "DELETE FROM spend_channel");
	raw_run(d->s->store, "INSERT INTO spend_day (user_id, day, api_key, amount) "
	                     "SELECT user_id, day, api_key, sum(reserved) FROM charge GROUP BY user_id, day, "
	                     "api_key");
	raw_run(d->s->store, "INSERT INTO spend_channel (channel, day, amount) "
	                     "SELECT channel, day, sum(reserved) FROM charge GROUP BY channel, day");
}

/* Sets the budget of all of one window, past what keeps to it. */
static void
put_budget(struct domains *d, const char *window, int amount)
{
	char text[200];
	raw_run(d->s->store, "DELETE FROM budget");
	snprintf(text, sizeof(text),
	         "INSERT INTO budget (subject, who, period, amount, since) VALUES ('all', '', '%s', %d, 0)",
	         window, amount);
	raw_run(d->s->store, text);
}

enum { SUNDAY = 17, MONDAY = 18 /* 1970-01-18 was a Sunday */ };

TEST(windows_that_are_over_are_looked_at_whatever_zone_they_were_of)
{
	struct domains *d = money_domains();
	create(d);
	create(d);
	move(d, 1, SUNDAY, 0);
	move(d, 2, MONDAY, 0);
	put_budget(d, "day", MONEY_PRICE);
	assert_int_equal(faults(d, ""), 0);
	put_budget(d, "month", 2 * MONEY_PRICE - 1);
	assert_int_equal(faults(d, "(from 1970-01-01)"), 1);
	put_budget(d, "day", MONEY_PRICE - 1);
	assert_int_equal(faults(d, "(from 1970-01-1"), 2);
	domains_free(d);
}

TEST(a_week_is_that_of_when_its_charges_were_made)
{
	struct domains *d = money_domains();
	create(d);
	create(d);
	put_budget(d, "week", MONEY_PRICE);
	/* The last day of a week, and the first day of the next. */
	move(d, 1, SUNDAY, 0);
	move(d, 2, MONDAY, 0);
	assert_int_equal(faults(d, ""), 0);
	/* The first two days of a week. */
	move(d, 2, MONDAY, 1);
	assert_int_equal(faults(d, "(from 1970-01-18)"), 1);
	/* Monday, and the Sunday after it. */
	move(d, 2, SUNDAY + 7, 0);
	move(d, 1, MONDAY, 0);
	assert_int_equal(faults(d, "(from 1970-01-19)"), 1);
	move(d, 2, SUNDAY + 7, 1);
	assert_int_equal(faults(d, ""), 0);
	/* It is not known. */
	raw_run(d->s->store, "UPDATE charge SET sunday = NULL");
	assert_int_equal(faults(d, ""), 0);
	domains_free(d);
}

TEST(what_came_after_the_last_that_had_to_keep_to_it_is_left_out)
{
	struct domains *d = money_domains();
	create(d);
	create(d);
	put_budget(d, "week", MONEY_PRICE);
	/* A Sunday in a week of its own, then weeks began on Sunday, and the Monday began none. */
	move(d, 1, MONDAY, 1);
	move(d, 2, SUNDAY + 7, 1);
	assert_int_equal(faults(d, ""), 0);
	move(d, 1, MONDAY, 0);
	assert_int_equal(faults(d, ""), 0);
	domains_free(d);
}

TEST(what_a_group_allows_its_users_is_a_budget_too)
{
	struct domains *d = money_domains();
	char user[BUDGET_WHO], text[200];
	snprintf(user, sizeof(user), "%d", (int)d->s->user);
	raw_run(d->s->store, "INSERT INTO user_group (id, name, multiplier_ppm, budget_month, created_at) "
	                     "VALUES (3, 'friends', 1000000, 2000000, 1)");
	create(d);
	snprintf(text, sizeof(text), "UPDATE \"user\" SET group_id = 3 WHERE id = %s", user);
	raw_run(d->s->store, text);
	/* What was charged before it was of the group had not to keep to it. */
	raw_run(d->s->store, "UPDATE user_group SET budget_month = 1");
	assert_int_equal(faults(d, ""), 0);
	raw_run(d->s->store, "UPDATE user_group SET budget_month = 2000000");
	create(d);
	assert_int_equal(faults(d, ""), 0);
	raw_run(d->s->store, "UPDATE user_group SET budget_month = 1");
	assert_int_equal(faults(d, " by its group for the month is "), 1);
	/* It was set later. */
	raw_run(d->s->store, "UPDATE user_group SET since = 2");
	assert_int_equal(faults(d, ""), 0);
	raw_run(d->s->store, "UPDATE user_group SET since = 0");
	/* With one of its own, and after that was removed. */
	const struct budget_row own = {.subject = BUDGET_USER,
	                               .who = user,
	                               .window = WINDOW_MONTH,
	                               .amount = 100 * (int64_t)MONEY_PRICE};
	struct budget_row none = own;
	none.amount = -1;
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_budget_set(d->s->store, &own), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(faults(d, ""), 0);
	create(d);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_budget_set(d->s->store, &none), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(faults(d, ""), 0);
	raw_run(d->s->store, "UPDATE user_group SET budget_month = 100000000");
	create(d);
	raw_run(d->s->store, "UPDATE user_group SET budget_month = 1");
	assert_int_equal(faults(d, " by its group for the month is "), 1);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_budget_is_kept_to_from_when_it_was_set),
	    cmocka_unit_test(windows_that_are_over_are_looked_at_whatever_zone_they_were_of),
	    cmocka_unit_test(a_week_is_that_of_when_its_charges_were_made),
	    cmocka_unit_test(what_came_after_the_last_that_had_to_keep_to_it_is_left_out),
	    cmocka_unit_test(what_a_group_allows_its_users_is_a_budget_too),
	};
	return cmocka_run_group_tests_name("domain/money/ledger", tests, NULL, NULL);
}
