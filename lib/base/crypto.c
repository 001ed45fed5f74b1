/* libsodium behind our own names; sodium.h is included nowhere else. */
#include "base/crypto.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 2, MEMORY = 19 * 1024 * 1024, TOKEN_BYTES = 32 };

_Static_assert(CRYPTO_PASSWORD_SIZE == crypto_pwhash_STRBYTES, "room for a password hash");
_Static_assert(CRYPTO_HASH_SIZE == crypto_hash_sha256_BYTES, "room for a digest");

struct crypto_hash {
	crypto_hash_sha256_state state;
};

/* How many numbers the thread has drawn ahead. */
static _Thread_local size_t drawn_left;

/* A child must not draw what its parent draws. */
static void
forget_drawn(void)
{
	drawn_left = 0;
}

static void
watch_forks(void)
{
	pthread_atfork(NULL, NULL, forget_drawn);
}

bool
crypto_open(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch_forks);
	return sodium_init() >= 0;
}

void
crypto_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint64_t
crypto_draw(void)
{
	static _Thread_local uint64_t drawn[64];

	if (drawn_left == 0) {
		randombytes_buf(drawn, sizeof(drawn));
		drawn_left = sizeof(drawn) / sizeof(*drawn);
	}
	return drawn[--drawn_left];
}

double
crypto_dice(void)
{
	return (double)(crypto_draw() >> 11) / 9007199254740992.0; /* 2^53: as many as a double tells apart */
}

void
crypto_sha256(const void *bytes, size_t len, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	crypto_hash_sha256(ret_hash, bytes, len);
}

struct crypto_hash *
crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof(*hash));

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

struct crypto_mac {
	crypto_generichash_state keyed; /* the key's block is taken in already */
};

struct crypto_mac *
crypto_mac_new(const uint8_t key[CRYPTO_HASH_SIZE])
{
	struct crypto_mac *mac = NULL;

	if (posix_memalign((void **)&mac, _Alignof(struct crypto_mac), sizeof(*mac)) != 0)
		return NULL;
	crypto_generichash_init(&mac->keyed, key, CRYPTO_HASH_SIZE, CRYPTO_MAC_SIZE);
	return mac;
}

void
crypto_mac_of(const struct crypto_mac *mac, const void *bytes, size_t len, uint8_t ret_code[CRYPTO_MAC_SIZE])
{
	crypto_generichash_state state = mac->keyed;

	crypto_generichash_update(&state, bytes, len);
	crypto_generichash_final(&state, ret_code, CRYPTO_MAC_SIZE);
}

void
crypto_mac_free(struct crypto_mac *mac)
{
	if (mac)
		sodium_memzero(mac, sizeof(*mac));
	free(mac);
}

void
crypto_hmac(struct crypto_bytes key, const struct crypto_bytes *pieces, size_t count,
            uint8_t ret_mac[CRYPTO_HASH_SIZE])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key.at, key.len);
	for (size_t i = 0; i < count; i++)
		crypto_auth_hmacsha256_update(&state, pieces[i].at, pieces[i].len);
	crypto_auth_hmacsha256_final(&state, ret_mac);
	sodium_memzero(&state, sizeof(state));
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
crypto_forget(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

void
crypto_token(char ret_token[CRYPTO_TOKEN_SIZE])
{
	unsigned char bits[TOKEN_BYTES];
	char text[CRYPTO_TOKEN_SIZE - 3];

	randombytes_buf(bits, sizeof(bits));
	sodium_bin2base64(text, sizeof(text), bits, sizeof(bits), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(ret_token, CRYPTO_TOKEN_SIZE, "lr_%s", text);
	sodium_memzero(bits, sizeof(bits));
	sodium_memzero(text, sizeof(text));
}

enum err_code
crypto_password_hash(enum turns_queue queue, const char *password, char ret_hash[CRYPTO_PASSWORD_SIZE])
{
	char hash[CRYPTO_PASSWORD_SIZE];
	int turn;

	if (!turns_take(queue, &turn))
		return ERR_BUSY;
	int failed = crypto_pwhash_str(hash, password, strlen(password), PASSES, MEMORY);
	turns_give(turn);
	if (failed)
		return ERR_NO_MEMORY;
	memcpy(ret_hash, hash, sizeof(hash));
	return ERR_OK;
}

enum err_code
crypto_password_matches(enum turns_queue queue, const char *hash, const char *password)
{
	/* Of random bytes that were not kept, with the parameters of crypto_password_hash(). */
	static const char unmatched[CRYPTO_PASSWORD_SIZE] =
	    "$argon2id$v=19$m=19456,t=2,p=1$UiafdLvjyJQoLDsTSE7pEw$"
	    "th+6rxPYQgWVjv5qJGUEAR8IVkpqb6ZZvs5rEIm+Z/k";

	int turn;

	if (!turns_take(queue, &turn))
		return ERR_BUSY;
	bool match = crypto_pwhash_str_verify(hash ? hash : unmatched, password, strlen(password)) == 0;
	turns_give(turn);
	return match && hash ? ERR_OK : ERR_BAD_CREDENTIALS;
}
