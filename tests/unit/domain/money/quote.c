/* Quotes: what is kept of the prices of a moment is another user's, or another model's, for none. */
#include "domain/money/quote.h"

#include <stddef.h>

#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

enum { OTHER = 77, DEAR = 5000000 };

/* A second user, whose group pays half, and a model with a price of its own. */
static struct domains *
market(void)
{
	struct domains *d = money_domains();
	raw_run(
	    d->s->store,
	    "INSERT INTO user_group (id, name, multiplier_ppm, created_at) "
	    "VALUES (3, 'half', 500000, 1);"
	    "INSERT INTO \"user\" (id, username, password_hash, admin, disabled, created_at, group_id) "
	    "VALUES (77, 'other', '', 0, 0, 1, 3);"
	    "INSERT INTO tariff (side, channel, model, job, size, image, audio, images, flat, per_second, "
	    "min_seconds, step_seconds, default_seconds, default_size, max_seconds, settle, valid_from, "
	    "created_at, created_by) VALUES ('price', '', 'dear', 'any', 'any', 'any', 'any', 0, 5000000, "
	    "0, 0, 1, 0, '1280x720', 0, 'asked', 1, 1, 'test')");
	return d;
}

TEST(what_is_kept_is_by_user_and_model)
{
	struct domains *d = market();
	const struct {
		int64_t user_id;
		const char *model;
		int64_t amount;
	} asked[] = {
	    {d->s->user, "m", MONEY_PRICE}, {OTHER, "m", MONEY_PRICE / 2}, {OTHER, "dear", DEAR / 2},
	    {d->s->user, "dear", DEAR},     {d->s->user, "", MONEY_PRICE}, {OTHER, "m", MONEY_PRICE / 2},
	};
	struct prices prices = {.at = 5};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct priced priced = {
		    .model = asked[i].model, .job = "create", .size = "", .audio = ""};
		struct quote quote;
		for (int times = 0; times < 2; times++) {
			assert_int_equal(
			    quote_of(&d->env, d->s->arena, asked[i].user_id, &priced, &prices, &quote),
			    ERR_OK);
			assert_int_equal(quote.amount, asked[i].amount);
			assert_int_equal(quote.payer.group_id, asked[i].user_id == OTHER ? 3 : 0);
			assert_int_equal(quote.at, 5);
		}
	}
	domains_free(d);
}

/* A user that is not there leaves what is known as it was. */
TEST(what_fails_is_not_kept)
{
	struct domains *d = market();
	const struct priced priced = {.model = "m", .job = "create", .size = "", .audio = ""};
	struct prices prices = {.at = 5};
	struct quote quote;
	assert_int_equal(quote_of(&d->env, d->s->arena, OTHER, &priced, &prices, &quote), ERR_OK);
	assert_int_equal(quote_of(&d->env, d->s->arena, 999, &priced, &prices, &quote), ERR_NOT_FOUND);
	assert_int_equal(quote_of(&d->env, d->s->arena, OTHER, &priced, &prices, &quote), ERR_OK);
	assert_int_equal(quote.amount, MONEY_PRICE / 2);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_kept_is_by_user_and_model),
	    cmocka_unit_test(what_fails_is_not_kept),
	};
	return cmocka_run_group_tests_name("domain/money/quote", tests, NULL, NULL);
}
