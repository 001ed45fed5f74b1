/* Signatures of webhooks: the example of the Standard Webhooks libraries, and everything that must not pass.
 */
#include <string.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "domain/webhook/signature.h"
#include "support/test.h"

/* The vector that the reference libraries test themselves with. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char expected[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
static const struct signed_message message = {"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                              "{\"test\": 2432232314}", 20};

TEST(the_vector_of_the_reference_libraries)
{
	char text[SIGNATURE_SIZE];
	assert_true(signature_make(secret, &message, text));
	assert_string_equal(text, expected);
	assert_true(signature_make(secret + strlen("whsec_"), &message, text));
	assert_string_equal(text, expected);
}

TEST(what_cannot_be_a_secret)
{
	static const char *const bad[] = {"", "whsec_", "a password, not a secret", "whsec_abc",
	                                  "whsec_bm9ib2R5 "};
	char long_one[6 + LIMIT_SECRET + 5] = "whsec_", text[SIGNATURE_SIZE];
	memset(long_one + 6, 'A', LIMIT_SECRET + 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(signature_secret_good(bad[i]));
		assert_false(signature_make(bad[i], &message, text));
	}
	assert_false(signature_secret_good(long_one));
	assert_true(signature_secret_good(secret));
	assert_true(signature_secret_good(secret + strlen("whsec_")));
}

TEST(one_of_several_is_enough)
{
	assert_true(signature_matches(secret, &message, expected));
	char list[256] = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5B v1,AAAA ";
	strncat(list, expected, sizeof(list) - strlen(list) - 1);
	assert_true(signature_matches(secret, &message, list));
}

TEST(nothing_else_passes)
{
	static const char *const lists[] = {"",
	                                    " ",
	                                    "v1,",
	                                    "v1",
	                                    "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	                                    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
	                                    "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	                                    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=x"};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_false(signature_matches(secret, &message, lists[i]));
	struct signed_message other = message;
	other.id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
	assert_false(signature_matches(secret, &other, expected));
	other = message;
	other.timestamp++;
	assert_false(signature_matches(secret, &other, expected));
	other = message;
	other.len--;
	assert_false(signature_matches(secret, &other, expected));
	assert_false(signature_matches("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", &message, expected));
	assert_false(signature_matches(NULL, &message, expected));
	assert_false(signature_matches("whsec_", &message, expected));
	assert_false(signature_matches("whsec_not base64", &message, expected));
}

TEST(a_timestamp_is_good_for_five_minutes)
{
	int64_t at = message.timestamp * 1000;
	assert_true(signature_fresh(&message, at));
	assert_true(signature_fresh(&message, at + 300 * 1000));
	assert_false(signature_fresh(&message, at + 301 * 1000));
	assert_true(signature_fresh(&message, at - 300 * 1000));
	assert_false(signature_fresh(&message, at - 301 * 1000));
	const struct signed_message never = {"x", INT64_MIN, "", 0}, ever = {"x", INT64_MAX, "", 0};
	assert_false(signature_fresh(&never, at));
	assert_false(signature_fresh(&ever, at));
}

TEST(drawn_secrets_sign)
{
	char one[SIGNATURE_SECRET_SIZE], other[SIGNATURE_SECRET_SIZE], text[SIGNATURE_SIZE];
	signature_draw(one);
	signature_draw(other);
	assert_string_not_equal(one, other);
	assert_int_equal(strlen(one), SIGNATURE_SECRET_SIZE - 1);
	assert_true(signature_make(one, &message, text));
	assert_true(signature_matches(one, &message, text));
	assert_false(signature_matches(other, &message, text));
}

TEST(a_token_is_of_one_channel_and_one_secret)
{
	char one[SIGNATURE_SECRET_SIZE], other[SIGNATURE_SECRET_SIZE], token[SIGNATURE_TOKEN_SIZE];
	signature_draw(one);
	signature_draw(other);
	assert_false(signature_token("no Base64!", "fal", token));
	assert_true(signature_token(one, "fal", token));
	assert_int_equal(strlen(token), SIGNATURE_TOKEN_SIZE - 1);
	assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	                 SIGNATURE_TOKEN_SIZE - 1);
	assert_true(signature_token_good(one, "fal", token));
	assert_false(signature_token_good(one, "luma", token));
	assert_false(signature_token_good(other, "fal", token));
	assert_false(signature_token_good(NULL, "fal", token));
	assert_false(signature_token_good(one, "fal", ""));
	token[SIGNATURE_TOKEN_SIZE - 2] ^= 1;
	assert_false(signature_token_good(one, "fal", token));
	/* What stands in for a secret that is missing opens nothing. */
	assert_true(signature_token("whsec_bm9ib2R5", "fal", token));
	assert_false(signature_token_good(NULL, "fal", token));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vector_of_the_reference_libraries),
	    cmocka_unit_test(what_cannot_be_a_secret),
	    cmocka_unit_test(one_of_several_is_enough),
	    cmocka_unit_test(nothing_else_passes),
	    cmocka_unit_test(a_timestamp_is_good_for_five_minutes),
	    cmocka_unit_test(drawn_secrets_sign),
	    cmocka_unit_test(a_token_is_of_one_channel_and_one_secret),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/webhook/signature", tests, NULL, NULL) : 1;
}
