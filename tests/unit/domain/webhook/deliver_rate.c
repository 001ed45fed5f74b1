/* The rates of webhooks: no host gets more than its own, and no user is kept from it by the accounts of
 * another. */

#include "base/config.h"
#include "domain/webhook/deliver_rate.h"
#include "store/delivery.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/test.h"

enum { CROWD = 5, RATE = 60, STEP = 100, MINUTE = 60000 };

#define NOW INT64_C(1764000000000)

static bool
sends(struct stores *s, const struct config *config, int64_t user, const char *url, int64_t now)
{
	const struct delivery delivery = {.user_id = user, .url = url};
	int64_t wait = 0;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(deliver_rate(config, s->store, &delivery, now, &wait), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return wait == 0;
}

/* Five accounts have a host's rate for themselves, and ask for more all the time; then another user comes. */
TEST(a_host_has_a_share_for_each_user)
{
	struct stores *s = stores_new();
	const struct config config = {.rate_webhook = RATE / CROWD, .rate_webhook_host = RATE};
	int sent[CROWD + 1] = {0}, all = 0;
	for (int64_t ms = 0; ms < 4 * MINUTE; ms += STEP)
		for (int user = 0; user <= CROWD; user++) {
			bool comes = user < CROWD || ms >= 2 * MINUTE;
			bool sent_now =
			    comes && sends(s, &config, user + 1, "https://Example.com/hook", NOW + ms);
			sent[user] += sent_now;
			all += sent_now;
		}
	/* An equal part of two minutes is a little less than 2 * RATE / (CROWD + 1). */
	assert_in_range(sent[CROWD], RATE / (CROWD + 1), 3 * RATE / (CROWD + 1));
	assert_in_range(all, 3 * RATE, 5 * RATE + 1);
	assert_true(sends(s, &config, CROWD + 1, "https://other.example/", NOW + 4 * MINUTE));
	stores_free(s);
}

TEST(one_user_alone_has_what_is_the_users)
{
	struct stores *s = stores_new();
	const struct config config = {.rate_webhook = 10, .rate_webhook_host = RATE},
	                    any = {.rate_webhook = 0};
	int sent = 0;
	for (int i = 0; i < 20; i++)
		sent += sends(s, &config, 1, "https://a.example/", NOW);
	assert_int_equal(sent, 10);
	for (int i = 0; i < 100; i++)
		assert_true(sends(s, &any, 1, "https://a.example/", NOW));
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_has_a_share_for_each_user),
	    cmocka_unit_test(one_user_alone_has_what_is_the_users),
	};
	return cmocka_run_group_tests_name("domain/webhook/deliver_rate", tests, NULL, NULL);
}
