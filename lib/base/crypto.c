/* libsodium behind our own names; sodium.h is included nowhere else. */
#include "base/crypto.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 2, MEMORY = 19 * 1024 * 1024, AT_A_TIME = 2, TOKEN_BYTES = 32 };

_Static_assert(CRYPTO_PASSWORD_SIZE == crypto_pwhash_STRBYTES, "room for a password hash");
_Static_assert(CRYPTO_HASH_SIZE == crypto_hash_sha256_BYTES, "room for a digest");

struct crypto_hash {
	crypto_hash_sha256_state state;
};

/* How many argon2id are being computed: each holds 19 MiB, and logins come in bursts. */
static pthread_mutex_t turns_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turns_free = PTHREAD_COND_INITIALIZER;
static int turns_taken;

bool
crypto_open(void)
{
	return sodium_init() >= 0;
}

void
crypto_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

double
crypto_dice(void)
{
	return randombytes_random() / 4294967296.0;
}

void
crypto_sha256(const void *bytes, size_t len, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	crypto_hash_sha256(ret_hash, bytes, len);
}

struct crypto_hash *
crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof *hash);

	if (hash)
		crypto_hash_sha256_init(&hash->state);
	return hash;
}

void
crypto_hash_add(struct crypto_hash *hash, const void *bytes, size_t len)
{
	crypto_hash_sha256_update(&hash->state, bytes, len);
}

void
crypto_hash_end(struct crypto_hash *hash, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	if (hash && ret_hash)
		crypto_hash_sha256_final(&hash->state, ret_hash);
	free(hash);
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
crypto_token(char ret_token[CRYPTO_TOKEN_SIZE])
{
	unsigned char bits[TOKEN_BYTES];
	char text[CRYPTO_TOKEN_SIZE - 3];

	randombytes_buf(bits, sizeof bits);
	sodium_bin2base64(text, sizeof text, bits, sizeof bits, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(ret_token, CRYPTO_TOKEN_SIZE, "lr_%s", text);
	sodium_memzero(bits, sizeof bits);
	sodium_memzero(text, sizeof text);
}

static void
take_turn(void)
{
	pthread_mutex_lock(&turns_lock);
	while (turns_taken >= AT_A_TIME)
		pthread_cond_wait(&turns_free, &turns_lock);
	turns_taken++;
	pthread_mutex_unlock(&turns_lock);
}

static void
give_turn(void)
{
	pthread_mutex_lock(&turns_lock);
	turns_taken--;
	pthread_cond_signal(&turns_free);
	pthread_mutex_unlock(&turns_lock);
}

bool
crypto_password_hash(const char *password, char ret_hash[CRYPTO_PASSWORD_SIZE])
{
	char hash[CRYPTO_PASSWORD_SIZE];

	take_turn();
	int failed = crypto_pwhash_str(hash, password, strlen(password), PASSES, MEMORY);
	give_turn();
	if (failed)
		return false;
	memcpy(ret_hash, hash, sizeof hash);
	return true;
}

bool
crypto_password_matches(const char *hash, const char *password)
{
	/* Of random bytes that nobody kept; its parameters are those of crypto_password_hash(). */
	static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$UiafdLvjyJQoLDsTSE7pEw$"
	                             "th+6rxPYQgWVjv5qJGUEAR8IVkpqb6ZZvs5rEIm+Z/k";

	take_turn();
	bool match = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0;
	give_turn();
	return match && hash;
}
