/* Digests against published vectors, passwords, tokens, and many threads at the password gate. */
#include <pthread.h>
#include <string.h>

#include "base/crypto.h"
#include "support/test.h"

enum { THREADS = 6 };

static char stored[CRYPTO_PASSWORD_SIZE];

/* FIPS 180-4, the examples "abc" and the empty text. */
TEST(test_sha256)
{
	static const uint8_t abc[] = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40,
	                              0xDE, 0x5D, 0xAE, 0x22, 0x23, 0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17,
	                              0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD};
	static const uint8_t none[] = {0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14};
	uint8_t hash[CRYPTO_HASH_SIZE];

	crypto_sha256("abc", 3, hash);
	assert_memory_equal(hash, abc, sizeof abc);
	crypto_sha256("", 0, hash);
	assert_memory_equal(hash, none, sizeof none);

	struct crypto_hash *under_way = crypto_hash_new();
	assert_non_null(under_way);
	crypto_hash_add(under_way, "a", 1);
	crypto_hash_add(under_way, "", 0);
	crypto_hash_add(under_way, "bc", 2);
	crypto_hash_end(under_way, hash);
	assert_memory_equal(hash, abc, sizeof abc);
	crypto_hash_end(crypto_hash_new(), NULL);
	crypto_hash_end(NULL, NULL);
}

/* RFC 4231, section 4.3: test case 2. */
TEST(test_hmac)
{
	static const uint8_t expected[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
	                                   0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
	                                   0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	const struct crypto_bytes pieces[] = {{"what do ya want ", 16}, {"", 0}, {"for nothing?", 12}};
	uint8_t mac[CRYPTO_HASH_SIZE];

	crypto_hmac((struct crypto_bytes){"Jefe", 4}, pieces, 3, mac);
	assert_memory_equal(mac, expected, sizeof expected);
}

TEST(test_equal)
{
	assert_true(crypto_equal("same", "same", 4));
	assert_false(crypto_equal("same", "samf", 4));
	assert_true(crypto_equal("same", "samf", 3));
}

TEST(test_token)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char tokens[200][CRYPTO_TOKEN_SIZE];

	for (size_t i = 0; i < 200; i++) {
		crypto_token(tokens[i]);
		assert_memory_equal(tokens[i], "lr_", 3);
		assert_int_equal(strlen(tokens[i]), 46);
		assert_int_equal(strspn(tokens[i] + 3, alphabet), 43);
		for (size_t before = 0; before < i; before++)
			assert_string_not_equal(tokens[before], tokens[i]);
	}
}

TEST(test_password)
{
	char again[CRYPTO_PASSWORD_SIZE];

	assert_memory_equal(stored, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, stored, "correct horse"), ERR_OK);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, stored, "correct hors"), ERR_BAD_CREDENTIALS);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, stored, ""), ERR_BAD_CREDENTIALS);
	assert_int_equal(crypto_password_hash(TURNS_KNOWN, "correct horse", again), ERR_OK);
	assert_string_not_equal(stored, again);
}

TEST(test_bad_hashes_match_nothing)
{
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, NULL, "correct horse"), ERR_BAD_CREDENTIALS);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, NULL, ""), ERR_BAD_CREDENTIALS);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, "", "correct horse"), ERR_BAD_CREDENTIALS);
	assert_int_equal(
	    crypto_password_matches(TURNS_KNOWN, "$argon2id$v=19$m=19456,t=2,p=1$", "correct horse"),
	    ERR_BAD_CREDENTIALS);
	assert_int_equal(crypto_password_matches(TURNS_KNOWN, "correct horse", "correct horse"),
	                 ERR_BAD_CREDENTIALS);
}

static void *
log_in(void *cookie)
{
	bool *ret_good = cookie;

	*ret_good = crypto_password_matches(TURNS_KNOWN, stored, "correct horse") == ERR_OK &&
	            crypto_password_matches(TURNS_KNOWN, NULL, "x") == ERR_BAD_CREDENTIALS;
	return NULL;
}

TEST(test_threads_take_turns)
{
	pthread_t threads[THREADS];
	bool good[THREADS] = {false};

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_in, &good[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(good[i]);
	}
}

struct guess {
	enum turns_queue queue;
	enum err_code end;
	pthread_barrier_t *begin;
};

static void *
guess(void *cookie)
{
	struct guess *guess = cookie;

	pthread_barrier_wait(guess->begin);
	guess->end = crypto_password_matches(guess->queue, stored, "wrong horse");
	return NULL;
}

/* Many strangers at once: two are computed, some wait, the others are told so at once; who is known always
 * has a place. */
TEST(test_queue_is_bounded_for_strangers)
{
	enum { STRANGERS = 24, ALL = 32 };
	pthread_t threads[ALL];
	struct guess guesses[ALL];
	pthread_barrier_t begin;
	int busy = 0;

	assert_int_equal(pthread_barrier_init(&begin, NULL, ALL), 0);
	for (int i = 0; i < ALL; i++) {
		guesses[i] = (struct guess){i < STRANGERS ? TURNS_STRANGER : TURNS_KNOWN, ERR_OK, &begin};
		assert_int_equal(pthread_create(&threads[i], NULL, guess, &guesses[i]), 0);
	}
	for (int i = 0; i < ALL; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		if (guesses[i].queue == TURNS_KNOWN || guesses[i].end != ERR_BUSY)
			assert_int_equal(guesses[i].end, ERR_BAD_CREDENTIALS);
		busy += guesses[i].end == ERR_BUSY;
	}
	assert_in_range(busy, 1, STRANGERS - TURNS_STRANGERS);
	pthread_barrier_destroy(&begin);
	assert_int_equal(crypto_password_matches(TURNS_STRANGER, stored, "correct horse"), ERR_OK);
}

static int
open_crypto(void **state)
{
	(void)state;
	return crypto_open() && crypto_password_hash(TURNS_KNOWN, "correct horse", stored) == ERR_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sha256),
	    cmocka_unit_test(test_hmac),
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_token),
	    cmocka_unit_test(test_password),
	    cmocka_unit_test(test_bad_hashes_match_nothing),
	    cmocka_unit_test(test_threads_take_turns),
	    cmocka_unit_test(test_queue_is_bounded_for_strangers),
	};

	return cmocka_run_group_tests_name("base/crypto", tests, open_crypto, NULL);
}
