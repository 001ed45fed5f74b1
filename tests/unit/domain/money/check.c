/* Checks of what users can pay: budgets that are kept for the next check are their owner's for none else. */
#include "domain/money/check.h"

#include <stddef.h>

#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

enum { OTHER = 77, KEY = 5 };

/* A second user with as much credit, and budgets: of that user, of a key of the first one, and of a channel.
 */
static struct domains *
market(void)
{
	struct domains *d = money_domains();
	raw_run(d->s->store,
	        "INSERT INTO \"user\" (id, username, password_hash, admin, disabled, created_at) "
	        "VALUES (77, 'other', '', 0, 0, 1);"
	        "INSERT INTO account (id, kind, user_id, balance) "
	        "VALUES (156, 'available', 77, 1000000), (157, 'held', 77, 0);"
	        "INSERT INTO budget (subject, who, period, amount) VALUES ('user', '77', 'day', 10), "
	        "('key', '5', 'week', 20), ('channel', 'full', 'month', 5)");
	return d;
}

TEST(what_is_kept_is_of_its_owner)
{
	struct domains *d = market();
	const int64_t user = d->s->user;
	const struct {
		struct budget_owner owner;
		int64_t room;
	} asked[] = {
	    {{user, 0, "x"}, MONEY_GRANT}, {{OTHER, 0, "x"}, 10},  {{user, KEY, "x"}, 20},
	    {{user, 0, "full"}, 5},        {{user, KEY, "x"}, 20}, {{OTHER, 0, "full"}, 5},
	    {{user, KEY, NULL}, 20},       {{OTHER, 0, NULL}, 10}, {{user, 0, NULL}, MONEY_GRANT},
	};
	struct budget_list budgets = {0};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		for (int64_t over = 0; over < 2; over++) {
			const struct check check = {.owner = asked[i].owner,
			                            .budgets = &budgets,
			                            .amount = asked[i].room + over,
			                            .now = 5};
			struct check_refusal refusal = {0};
			enum err_code wanted = over == 0                      ? ERR_OK
			                       : asked[i].room == MONEY_GRANT ? ERR_NO_CREDIT
			                                                      : ERR_OVER_BUDGET;
			assert_int_equal(check_payable(&d->env, d->s->arena, &check, &refusal), wanted);
			assert_int_equal(wanted == ERR_OVER_BUDGET ? refusal.limit : 0,
			                 wanted == ERR_OVER_BUDGET ? asked[i].room : 0);
		}
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_is_of_its_owner)};
	return cmocka_run_group_tests_name("domain/money/check", tests, NULL, NULL);
}
