/* Credit that is given and taken, codes, refunds; and that nothing of it is done twice. */
#include "domain/money/credit.h"

#include <string.h>

#include "base/amount.h"
#include "domain/money/code.h"
#include "store/account.h"
#include "store/code.h"
#include "store/ledger.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

static struct stores *s;
static struct transfer transfer;
static bool repeated;

static int
setup(void **state)
{
	(void)state;
	s = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	struct ledger_fault *faults = NULL;
	size_t count = 0;
	assert_int_equal(store_ledger_check(s->store, s->arena, 9, &faults, &count), ERR_OK);
	if (count > 0)
		fail_msg("%s: %s", faults[0].rule, faults[0].what);
	stores_free(s);
	return 0;
}

static enum err_code
add(int64_t amount, const char *reference)
{
	const struct credit credit = {
	    .user_id = s->user, .amount = amount, .reference = reference, .actor = "op", .now = 5};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	return store_end(s->store, credit_add(s->store, s->arena, &credit, &transfer, &repeated));
}

static int64_t
available(void)
{
	struct balance balance;
	assert_int_equal(store_balance(s->store, s->user, &balance), ERR_OK);
	return balance.available;
}

TEST(what_has_a_reference_is_done_once)
{
	assert_int_equal(add(500, "shop-1"), ERR_OK);
	assert_false(repeated);
	assert_int_equal(transfer.balance, 500);
	const int64_t id = transfer.id;
	assert_int_equal(add(500, "shop-1"), ERR_OK);
	assert_true(repeated && transfer.id == id && transfer.balance == 500);
	assert_int_equal(add(501, "shop-1"), ERR_REFERENCE_REUSED);
	assert_int_equal(add(-500, "shop-1"), ERR_REFERENCE_REUSED);
	assert_int_equal(add(-200, "shop-2"), ERR_OK);
	assert_int_equal(add(-200, "shop-2"), ERR_OK);
	assert_int_equal(available(), 300);
	assert_int_equal(add(-301, NULL), ERR_LESS_CREDIT);
	assert_int_equal(add(0, NULL), ERR_BAD_FIELD);
	assert_int_equal(add(AMOUNT_MOST, NULL), ERR_BAD_FIELD);
	assert_int_equal(add(AMOUNT_MOST - 300, NULL), ERR_OK);
	assert_int_equal(available(), AMOUNT_MOST);
}

static void
make(bool invite, int64_t uses, int64_t expires_at, char text[CODE_SIZE])
{
	const struct code code = {.batch = "b",
	                          .invite = invite,
	                          .amount = 700,
	                          .uses_max = uses,
	                          .expires_at = expires_at,
	                          .created_at = 1,
	                          .created_by = "op"};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(code_make(s->store, &code, text), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static enum err_code
redeem(int64_t user, const char *text, int64_t now)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	return store_end(s->store, code_redeem(s->store, s->arena, user, text, now, &transfer));
}

TEST(a_code_is_redeemed_as_often_as_it_may_be)
{
	char text[CODE_SIZE], other[CODE_SIZE], small[CODE_SIZE];
	int64_t bob = stores_user(s->store, "bob"), eve = stores_user(s->store, "eve");
	make(false, 2, 100, text);
	make(true, 2, 0, other);
	assert_int_equal(strlen(text), CODE_SIZE - 1);
	for (size_t i = 0; i <= strlen(text); i++)
		small[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a')
		           : text[i] == '-'                 ? ' '
		                                            : text[i];
	assert_int_equal(redeem(s->user, small, 99), ERR_OK);
	assert_int_equal(transfer.balance, 700);
	assert_int_equal(redeem(s->user, text, 99), ERR_CODE_USED);
	assert_int_equal(redeem(bob, text, 100), ERR_CODE_EXPIRED);
	assert_int_equal(redeem(bob, text, 99), ERR_OK);
	assert_int_equal(redeem(eve, text, 99), ERR_CODE_USED);
	assert_int_equal(redeem(eve, other, 99), ERR_CODE_UNKNOWN); /* an invitation */
	text[0] = text[0] == 'A' ? 'B' : 'A';
	assert_int_equal(redeem(eve, text, 99), ERR_CODE_UNKNOWN);
	assert_int_equal(redeem(eve, "", 99), ERR_CODE_UNKNOWN);
	assert_int_equal(redeem(eve, "7", 99), ERR_CODE_UNKNOWN);
	assert_int_equal(redeem(eve, "UUUUU-UUUUU-UUUUU-UUUUU-U", 99), ERR_CODE_UNKNOWN);
	assert_int_equal(raw_number(s->store, "SELECT count(*) FROM code WHERE hint LIKE '%-%'"), 0);
}

TEST(an_invitation_is_accepted_and_a_batch_disabled)
{
	char text[CODE_SIZE];
	struct code code;
	make(true, 1, 0, text);
	assert_int_equal(code_find(s->store, s->arena, text, true, 1, &code), ERR_OK);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(code_accept(s->store, &code, s->user, 1), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(available(), 700);
	assert_int_equal(code_find(s->store, s->arena, text, true, 1, &code), ERR_CODE_USED);
	/* Found by two at the same time, it is used by one. */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(s->store, code_accept(s->store, &code, s->user, 1)), ERR_CODE_USED);
	make(false, 5, 0, text);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_code_disable(s->store, "b", true), ERR_OK);
	assert_int_equal(store_code_disable(s->store, "c", true), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(redeem(s->user, text, 1), ERR_CODE_UNKNOWN);
}

TEST(a_line_lets_a_balance_go_below_nothing)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_credit_line(s->store, s->user, 1000), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	raw_run(s->store, "UPDATE account SET balance = -600 WHERE kind = 'available' AND user_id = 1");
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_credit_line(s->store, s->user, 599), ERR_CONFLICT);
	assert_int_equal(store_credit_line(s->store, s->user, 600), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	raw_run(s->store, "UPDATE account SET balance = 0 WHERE user_id = 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_has_a_reference_is_done_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_code_is_redeemed_as_often_as_it_may_be, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_invitation_is_accepted_and_a_batch_disabled, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_line_lets_a_balance_go_below_nothing, setup, teardown),
	};
	return cmocka_run_group_tests_name("domain/money/credit", tests, NULL, NULL);
}
