/* Money for tests: see money.h. */
#include "support/money.h"

#include "base/clock.h"
#include "domain/money/credit.h"
#include "domain/money/ledger.h"
#include "domain/money/quote.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/test.h"

struct domains *
money_domains(void)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.billing = "on";
	d->config.late_hold = MONEY_LATE_MS;
	const struct credit credit = {
	    .user_id = d->s->user, .amount = MONEY_GRANT, .actor = "test", .now = 1};
	struct transfer transfer;
	bool repeated;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(credit_add(d->s->store, d->s->arena, &credit, &transfer, &repeated), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(transfer.balance, MONEY_GRANT);
	raw_run(d->s->store, "INSERT INTO tariff (side, channel, model, job, size, image, audio, images, "
	                     "flat, per_second, min_seconds, "
	                     "step_seconds, default_seconds, default_size, max_seconds, settle, valid_from, "
	                     "created_at, created_by) "
	                     "VALUES ('price', '', '*', 'any', 'any', 'any', 'any', 0, 800000, 0, 0, 1, 0, "
	                     "'', 0, 'asked', 1, 1, 'test')");
	return d;
}

void
money_check(struct domains *d)
{
	struct ledger_fault *faults = NULL;
	size_t count = 0;
	assert_int_equal(ledger_check(&d->env, d->s->arena, 9, &faults, &count), ERR_OK);
	if (count > 0)
		fail_msg("%s: %s", faults[0].rule, faults[0].what);
}

struct quote
money_quote(struct domains *d, struct task *task)
{
	struct quote quoted;
	struct prices prices = {.at = clock_wall_ms()};
	assert_int_equal(quote_task(&d->env, d->s->arena, &prices, task, &quoted), ERR_OK);
	assert_int_equal(quoted.amount, MONEY_PRICE);
	return quoted;
}
