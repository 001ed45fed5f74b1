/* Budgets: as many at once as a minute has, refilled evenly; each key has its own; memory is bounded. */
#include "base/budget.h"
#include "support/test.h"

enum { START = 1000000 };

/* Takes one at a time, as far as there are any. */
static int
drain(struct budget *budget, int64_t key, int64_t now)
{
	int64_t wait;
	int count = 0;
	for (; count < 1000 && budget_has(budget, key, now, &wait); count++)
		budget_take(budget, key, 1, now);
	return count;
}

TEST(a_minute_has_so_many)
{
	struct budget *budget = budget_new(60);
	int64_t wait = 0;
	assert_int_equal(drain(budget, 1, START), 60);
	assert_false(budget_has(budget, 1, START, &wait));
	assert_in_range(wait, 1, 1000);
	assert_true(budget_has(budget, 1, START + wait, &wait));
	assert_int_equal(drain(budget, 2, START), 60);
	assert_in_range(drain(budget, 1, START + 10000), 10, 11);
	assert_int_equal(drain(budget, 1, START + 120000), 60);
	budget_free(budget);
}

/* What must be taken is taken, and paid later. */
TEST(a_debt_is_waited_for)
{
	struct budget *budget = budget_new(1000);
	int64_t wait = 0;
	budget_take(budget, 1, 3000, START);
	assert_false(budget_has(budget, 1, START, &wait));
	assert_in_range(wait, 120000, 120001);
	assert_false(budget_has(budget, 1, START + 119000, &wait));
	assert_true(budget_has(budget, 1, START + 120001, &wait));
	budget_free(budget);
}

TEST(zero_is_no_limit)
{
	struct budget *budget = budget_new(0);
	assert_int_equal(drain(budget, 1, START), 1000);
	budget_free(budget);
}

/* Keys of one set: who owes most is not forgotten for those who come by once. */
TEST(many_keys_do_not_excuse_who_owes)
{
	struct budget *budget = budget_new(10);
	int64_t wait;
	assert_int_equal(drain(budget, 7, START), 10);
	for (int64_t key = 0; key < 100000; key++)
		if (key != 7)
			budget_take(budget, key, 1, START);
	assert_false(budget_has(budget, 7, START, &wait));
	budget_free(budget);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_minute_has_so_many),
	    cmocka_unit_test(a_debt_is_waited_for),
	    cmocka_unit_test(zero_is_no_limit),
	    cmocka_unit_test(many_keys_do_not_excuse_who_owes),
	};
	return cmocka_run_group_tests_name("base/budget", tests, NULL, NULL);
}
