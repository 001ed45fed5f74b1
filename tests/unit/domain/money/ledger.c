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

TEST(without_a_configuration_budgets_are_left_out)
{
	struct domains *d = money_domains();
	budget(d, BUDGET_ALL, "", MONEY_PRICE);
	create(d);
	raw_run(d->s->store, "UPDATE budget SET amount = 1");
	assert_int_equal(faults(d, "of all"), 1);
	d->env.config = NULL;
	assert_int_equal(faults(d, ""), 0);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_budget_is_kept_to_from_when_it_was_set),
	    cmocka_unit_test(without_a_configuration_budgets_are_left_out),
	};
	return cmocka_run_group_tests_name("domain/money/ledger", tests, NULL, NULL);
}
