/* Users, passwords and tokens. Each password costs some ten milliseconds and 19 MiB; so there are few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "domain/account.h"
#include "support/stores.h"

static const char right[] = "correct horse", wrong[] = "battery staple";

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static struct user
add(struct stores *s, const char *name)
{
	struct user user, wanted = {.username = name};
	assert_int_equal(account_add(s->store, &wanted, right, &user), ERR_OK);
	return user;
}

static enum err_code
login(struct stores *s, const struct config *config, const char *name, const char *password,
      const char *address, struct account_login *ret_login)
{
	const struct account_attempt attempt = {name, password, address};
	return account_login(s->store, s->arena, config, &attempt, ret_login);
}

static void
a_user_signs_in_and_out(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000};
	struct account_login in;
	struct user user = add(s, "zoe"), seen;
	assert_true(user.id > 0);
	assert_null(user.password_hash);
	int64_t before = clock_wall_ms();
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(in.user.id, user.id);
	assert_null(in.user.password_hash);
	assert_in_range(in.expires_at, before + 60000, clock_wall_ms() + 60000);
	assert_int_equal(account_of_token(s->store, s->arena, in.token, &seen), ERR_OK);
	assert_int_equal(seen.id, user.id);
	assert_int_equal(account_logout(s->store, in.token), ERR_OK);
	assert_int_equal(account_of_token(s->store, s->arena, in.token, &seen), ERR_UNAUTHORIZED);
	assert_int_equal(account_logout(s->store, in.token), ERR_UNAUTHORIZED);
}

static void
no_other_token_is_taken(void **state)
{
	struct stores *s = *state;
	struct user seen;
	char longest[10000];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	const char *const bad[] = {"", "lr_", "lr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", longest};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(account_of_token(s->store, s->arena, bad[i], &seen), ERR_UNAUTHORIZED);
}

static void
an_expired_token_is_worth_nothing(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 0};
	struct account_login in;
	struct user seen;
	add(s, "zoe");
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(account_of_token(s->store, s->arena, in.token, &seen), ERR_UNAUTHORIZED);
}

static void
a_wrong_name_password_or_state_get_the_same_answer(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000};
	struct account_login in;
	struct user user = add(s, "zoe");
	assert_int_equal(login(s, &config, "zoe", wrong, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_string_equal(in.token, "");
	assert_int_equal(login(s, &config, "nobody", right, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "", right, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_user_disable(s->store, user.id, true), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_string_equal(in.token, "");
}

static void
failures_are_limited_by_address_and_by_name(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000, .rate_login = 2};
	struct account_login in;
	add(s, "zoe");
	/* From one address, with any name. */
	assert_int_equal(login(s, &config, "a", wrong, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "b", wrong, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "c", wrong, "192.0.2.1", &in), ERR_RATE_LIMITED);
	assert_in_range(in.wait_ms, 1, 30000);
	/* For one name, from any address; ASCII case does not matter. */
	assert_int_equal(login(s, &config, "zoe", wrong, "192.0.2.2", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "ZOE", wrong, "192.0.2.3", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "Zoe", right, "192.0.2.4", &in), ERR_RATE_LIMITED);
}

static void
successes_are_not_limited(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000, .rate_login = 1};
	struct account_login in;
	add(s, "zoe");
	for (int i = 0; i < 3; i++)
		assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
}

static enum err_code
join(struct stores *s, const struct config *config, const char *name, const char *address)
{
	struct account_join joined;
	const struct user user = {.username = name, .email = "z@example.com"};
	return account_register(s->store, config, &user, right, address, &joined);
}

static void
registration_is_open_or_closed_and_limited(void **state)
{
	struct stores *s = *state;
	struct config config = {.registration = "closed", .rate_register = 2};
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_REGISTRATION_CLOSED);
	config.registration = "open";
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_OK);
	assert_int_equal(join(s, &config, "ZOE", "192.0.2.1"), ERR_USERNAME_TAKEN);
	assert_int_equal(join(s, &config, "yan", "192.0.2.1"), ERR_RATE_LIMITED);
	struct user found;
	assert_int_equal(store_user_by_name(s->store, s->arena, "yan", &found), ERR_NOT_FOUND);
	assert_int_equal(store_user_by_name(s->store, s->arena, "zoe", &found), ERR_OK);
	assert_string_equal(found.email, "z@example.com");
	assert_false(found.admin);
	assert_null(strstr(found.password_hash, right));
}

/* A customer has a whole /64, and writes its addresses as it likes. */
static void
ipv6_addresses_count_by_their_first_half(void **state)
{
	struct stores *s = *state;
	const struct config config = {.registration = "open", .rate_register = 1};
	assert_int_equal(join(s, &config, "a", "2001:db8::1"), ERR_OK);
	assert_int_equal(join(s, &config, "b", "2001:db8::2"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "c", "2001:DB8:0:0:aaaa:bbbb:cccc:dddd"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "d", "2001:db8::5:0:0:1"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "e", "2001:db8:0:1::1"), ERR_OK);
	assert_int_equal(join(s, &config, "f", "::ffff:192.0.2.1"), ERR_OK);
	assert_int_equal(join(s, &config, "g", "::ffff:192.0.2.2"), ERR_OK);
}

static void
a_new_password_ends_every_session(void **state)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000};
	struct account_login in;
	struct user user = add(s, "zoe"), seen;
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(account_set_password(s->store, user.id, wrong), ERR_OK);
	assert_int_equal(account_of_token(s->store, s->arena, in.token, &seen), ERR_UNAUTHORIZED);
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "zoe", wrong, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(account_set_password(s->store, 4711, wrong), ERR_NOT_FOUND);
}

static void
names_are_letters_digits_and_few_signs(void **state)
{
	(void)state;
	const char *const good[] = {"a",          "zoe",          "Z.o_e-1@x+y",     "42",
	                            "zo\xc3\xab", "\xe7\x8c\xab", "\xf0\xa0\x80\x80"};
	const char *const bad[] = {"",
	                           " ",
	                           "a b",
	                           "a\tb",
	                           "a\nb",
	                           "a\x7f",
	                           "a/b",
	                           "a'b",
	                           "<a>",
	                           "a\xc2\xa0"
	                           "b",             /* no-break space */
	                           "a\xc2\xad",     /* soft hyphen */
	                           "a\xe2\x80\x8b", /* zero-width space */
	                           "a\xe2\x80\xae", /* right-to-left override */
	                           "\xe3\x80\x80",  /* ideographic space */
	                           "\xef\xbb\xbf"
	                           "a" /* byte order mark */};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(account_name_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(account_name_ok(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_user_signs_in_and_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_other_token_is_taken, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_expired_token_is_worth_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_wrong_name_password_or_state_get_the_same_answer, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(failures_are_limited_by_address_and_by_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(successes_are_not_limited, setup, teardown),
	    cmocka_unit_test_setup_teardown(registration_is_open_or_closed_and_limited, setup, teardown),
	    cmocka_unit_test_setup_teardown(ipv6_addresses_count_by_their_first_half, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_new_password_ends_every_session, setup, teardown),
	    cmocka_unit_test(names_are_letters_digits_and_few_signs),
	};
	return cmocka_run_group_tests_name("domain/account", tests, NULL, NULL);
}
