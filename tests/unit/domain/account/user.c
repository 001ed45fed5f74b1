/* Users, passwords and tokens. Each password costs some ten milliseconds and 19 MiB; so there are few. */

#include <string.h>

#include "base/amount.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/account/user.h"
#include "domain/money/code.h"
#include "store/account.h"
#include "store/place.h"
#include "store/session.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

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

TEST(a_user_signs_in_and_out)
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

TEST(no_other_token_is_taken)
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

TEST(an_expired_token_is_worth_nothing)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 0};
	struct account_login in;
	struct user seen;
	add(s, "zoe");
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(account_of_token(s->store, s->arena, in.token, &seen), ERR_UNAUTHORIZED);
}

TEST(a_wrong_name_password_or_state_get_the_same_answer)
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

TEST(strangers_are_limited_by_address_and_by_name)
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

/* Sets all buckets back; places stay. */
static void
a_minute_later(struct stores *s)
{
	int64_t count;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_purge(s->store, clock_wall_ms() + 61000, 1000, &count), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

/* The owner of an attacked name gets in from where the name is known, whatever strangers do elsewhere and
 * with other names there. */
TEST(a_known_place_has_a_counter_of_its_own)
{
	static const struct {
		const char *first, *deferred, *elsewhere;
	} rows[] = {{"192.0.2.1", "192.0.2.200", "192.0.3.1"},
	            {"2001:db8::1", "2001:db8:0:ff:a:b:c:d", "2001:db8:0:100::1"}};
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 600000, .rate_login = 2};
	struct account_login in;
	add(s, "zoe");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(login(s, &config, "zoe", right, rows[i].first, &in), ERR_OK);
		a_minute_later(s);
		while (login(s, &config, "zoe", wrong, rows[i].elsewhere, &in) == ERR_BAD_CREDENTIALS)
			;
		assert_int_equal(login(s, &config, "zoe", right, rows[i].elsewhere, &in), ERR_RATE_LIMITED);
		while (login(s, &config, "other", wrong, rows[i].deferred, &in) == ERR_BAD_CREDENTIALS)
			;
		assert_int_equal(login(s, &config, "ZOE", right, rows[i].deferred, &in), ERR_OK);
		/* It is a counter all the same. */
		assert_int_equal(login(s, &config, "zoe", wrong, rows[i].first, &in), ERR_BAD_CREDENTIALS);
		assert_int_equal(login(s, &config, "zoe", right, rows[i].deferred, &in), ERR_RATE_LIMITED);
		a_minute_later(s);
	}
}

TEST(a_place_is_forgotten)
{
	struct stores *s = *state;
	struct user user = add(s, "zoe");
	bool known = false;
	int64_t now = clock_wall_ms(), count;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_place_note(s->store, user.id, "a", now - LIMIT_PLACE_MS - 1, 3), ERR_OK);
	assert_int_equal(store_place_known(s->store, user.id, "a", now - LIMIT_PLACE_MS, &known), ERR_OK);
	assert_false(known);
	assert_int_equal(store_place_known(s->store, user.id, "a", 0, &known), ERR_OK);
	assert_true(known);
	assert_int_equal(store_purge(s->store, now, 100, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_place_known(s->store, user.id, "a", 0, &known), ERR_OK);
	assert_false(known);
	/* Of many the latest stay, and this one, whatever the clock says. */
	static const char *const blocks[] = {"b", "c", "d", "e", "f"};
	for (int i = 0; i < 5; i++)
		assert_int_equal(
		    store_place_note(s->store, user.id, blocks[i], now - (i == 4 ? 1000 : 5 - i), 2), ERR_OK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(store_place_known(s->store, user.id, blocks[i], 0, &known), ERR_OK);
		assert_int_equal(known, i >= 2);
	}
	assert_int_equal(store_place_note(s->store, 4711, "a", now, 2), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(successes_count_too)
{
	struct stores *s = *state;
	const struct config config = {.token_lifetime = 60000, .rate_login = 2};
	struct account_login in;
	add(s, "zoe");
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	for (int i = 0; i < 2; i++) /* from now on the place is known */
		assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_OK);
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.1", &in), ERR_RATE_LIMITED);
	assert_in_range(in.wait_ms, 1, 30000);
}

TEST(sessions_are_bounded)
{
	struct stores *s = *state;
	struct user user = add(s, "zoe");
	struct session *sessions;
	size_t count;
	uint8_t hash[CRYPTO_HASH_SIZE] = {0};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (uint8_t i = 1; i <= 10; i++) {
		hash[0] = i;
		assert_int_equal(store_token_add(s->store, hash, user.id, "192.0.2.0/24", 1000 + i, 9000),
		                 ERR_OK);
		assert_int_equal(store_session_trim(s->store, user.id, hash, 3), ERR_OK);
	}
	hash[0] = 8;
	assert_int_equal(store_session_used(s->store, hash, 2000), ERR_OK);
	hash[0] = 11; /* the newest, although the clock was set back */
	assert_int_equal(store_token_add(s->store, hash, user.id, NULL, 500, 9000), ERR_OK);
	assert_int_equal(store_session_trim(s->store, user.id, hash, 3), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_session_list(s->store, s->arena, user.id, 5000, &sessions, &count), ERR_OK);
	assert_int_equal(count, 4);
	static const uint8_t left[] = {8, 10, 9, 11};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(sessions[i].hash[0], left[i]);
	assert_string_equal(sessions[0].block, "192.0.2.0/24");
	assert_null(sessions[3].block);
	assert_int_equal(store_session_list(s->store, s->arena, user.id, 9000, &sessions, &count), ERR_OK);
	assert_int_equal(count, 0);
}

static const char *invitation; /* that join() registers with; NULL = none */

static enum err_code
join(struct stores *s, const struct config *config, const char *name, const char *address)
{
	struct account_join joined;
	const struct user user = {.username = name, .email = "z@example.com"};
	const struct account_entry entry = {.password = right, .address = address, .code = invitation};
	return account_register(s->store, config, &user, &entry, &joined);
}

TEST(registration_is_open_or_closed_and_limited)
{
	struct stores *s = *state;
	struct config config = {.registration = "closed", .rate_register = 2, .signup_credit = "0"};
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

static void
make_code(struct stores *s, const struct code *code, char ret_text[CODE_SIZE])
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(code_make(s->store, code, ret_text), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(an_invitation_lets_in_and_gives_its_group_and_credit)
{
	struct stores *s = *state;
	struct config config = {.registration = "invite", .signup_credit = "0.50"};
	struct code code = {.batch = "b",
	                    .invite = true,
	                    .amount = 2000000,
	                    .group_id = 3,
	                    .uses_max = 2,
	                    .created_at = 1,
	                    .created_by = "cli"};
	char text[CODE_SIZE], credit[CODE_SIZE], old[CODE_SIZE];
	struct user_settings settings;
	struct balance balance;
	struct user zoe, none;
	raw_run(s->store, "INSERT INTO user_group (id, name, created_at) VALUES (3, 'friends', 1)");
	make_code(s, &code, text);
	code.expires_at = 1;
	make_code(s, &code, old);
	code = (struct code){.batch = "c", .amount = 1, .uses_max = 1, .created_by = "cli"};
	make_code(s, &code, credit);
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_INVITE_REQUIRED);
	for (int i = 0; i < 4; i++) {
		const char *const bad[] = {"x", "AAAAA-AAAAA-AAAAA-AAAAA", credit, old};
		invitation = bad[i];
		assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_INVITE_INVALID);
	}
	invitation = text;
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_OK);
	assert_int_equal(store_user_by_name(s->store, s->arena, "zoe", &zoe), ERR_OK);
	assert_int_equal(store_user_settings(s->store, s->arena, zoe.id, &settings), ERR_OK);
	assert_int_equal(settings.group_id, 3);
	assert_int_equal(store_balance(s->store, zoe.id, &balance), ERR_OK);
	assert_int_equal(balance.available, 2500000);
	/* A name that is taken uses nothing of it, and a group that is gone does no harm. */
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_USERNAME_TAKEN);
	raw_run(s->store, "UPDATE \"user\" SET group_id = NULL");
	raw_run(s->store, "DELETE FROM user_group");
	config.registration = "open";
	assert_int_equal(join(s, &config, "yan", "192.0.2.1"), ERR_OK);
	assert_int_equal(join(s, &config, "xia", "192.0.2.1"), ERR_INVITE_INVALID);
	assert_int_equal(store_user_by_name(s->store, s->arena, "xia", &none), ERR_NOT_FOUND);
	invitation = NULL;
}

TEST(what_a_new_user_is_given_ends_at_the_most_that_an_account_holds)
{
	struct stores *s = *state;
	struct config config = {.registration = "invite", .signup_credit = "0.50"};
	const struct code code = {
	    .batch = "b", .invite = true, .amount = AMOUNT_MOST - 1, .uses_max = 2, .created_by = "cli"};
	char text[CODE_SIZE];
	struct balance balance;
	struct user user;
	make_code(s, &code, text);
	invitation = text;
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_OK);
	assert_int_equal(store_user_by_name(s->store, s->arena, "zoe", &user), ERR_OK);
	assert_int_equal(store_balance(s->store, user.id, &balance), ERR_OK);
	assert_int_equal(balance.available, AMOUNT_MOST);
	invitation = NULL;
}

/* A customer has a whole /56, and writes its addresses as it likes. */
TEST(ipv6_addresses_count_by_their_block)
{
	struct stores *s = *state;
	const struct config config = {.registration = "open", .rate_register = 1, .signup_credit = "0"};
	assert_int_equal(join(s, &config, "a", "2001:db8::1"), ERR_OK);
	assert_int_equal(join(s, &config, "b", "2001:db8::2"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "c", "2001:DB8:0:ff:aaaa:bbbb:cccc:dddd"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "d", "2001:db8:0:1::1"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "e", "2001:db8:0:100::1"), ERR_OK);
	assert_int_equal(join(s, &config, "f", "::ffff:192.0.2.1"), ERR_OK);
	assert_int_equal(join(s, &config, "g", "192.0.2.1"), ERR_RATE_LIMITED);
	assert_int_equal(join(s, &config, "h", "::ffff:192.0.2.2"), ERR_OK);
}

/* Who has just registered is known there. */
TEST(a_new_name_is_known_where_it_was_made)
{
	struct stores *s = *state;
	const struct config config = {
	    .registration = "open", .token_lifetime = 60000, .rate_login = 1, .signup_credit = "0"};
	struct account_login in;
	assert_int_equal(join(s, &config, "zoe", "192.0.2.1"), ERR_OK);
	assert_int_equal(login(s, &config, "zoe", wrong, "203.0.113.1", &in), ERR_BAD_CREDENTIALS);
	assert_int_equal(login(s, &config, "zoe", right, "203.0.113.2", &in), ERR_RATE_LIMITED);
	assert_int_equal(login(s, &config, "zoe", right, "192.0.2.9", &in), ERR_OK);
}

TEST(a_new_password_ends_every_session)
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

TEST(names_that_look_alike_are_taken)
{
	struct stores *s = *state;
	struct user user;
	static const char *const alike[] = {"LINE", "1ine", "Iine", "lîne"};
	add(s, "line");
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
		const struct user wanted = {.username = alike[i]};
		assert_int_equal(account_add(s->store, &wanted, right, &user), ERR_USERNAME_TAKEN);
	}
	add(s, "lines");
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
	    cmocka_unit_test_setup_teardown(strangers_are_limited_by_address_and_by_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_known_place_has_a_counter_of_its_own, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_place_is_forgotten, setup, teardown),
	    cmocka_unit_test_setup_teardown(successes_count_too, setup, teardown),
	    cmocka_unit_test_setup_teardown(sessions_are_bounded, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_new_name_is_known_where_it_was_made, setup, teardown),
	    cmocka_unit_test_setup_teardown(registration_is_open_or_closed_and_limited, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_invitation_lets_in_and_gives_its_group_and_credit, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(what_a_new_user_is_given_ends_at_the_most_that_an_account_holds,
	                                    setup, teardown),
	    cmocka_unit_test_setup_teardown(ipv6_addresses_count_by_their_block, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_new_password_ends_every_session, setup, teardown),
	    cmocka_unit_test_setup_teardown(names_that_look_alike_are_taken, setup, teardown),
	};
	return cmocka_run_group_tests_name("domain/account/user", tests, NULL, NULL);
}
