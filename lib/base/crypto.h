/* Passwords, tokens, digests, randomness: libsodium behind a few names. Thread-safe after crypto_open(). */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/turns.h"

enum {
	CRYPTO_HASH_SIZE = 32,      /* bytes of a SHA-256 */
	CRYPTO_PASSWORD_SIZE = 128, /* bytes of a stored password hash, NUL included */
	CRYPTO_TOKEN_SIZE = 48,     /* bytes of a token's text, NUL included */
	CRYPTO_MAC_SIZE = 16
};

struct crypto_hash; /* a SHA-256 under way */
struct crypto_mac;  /* a key for message authentication codes */

/* Opens the library; call it once before anything else here. False where the system has no randomness. */
bool crypto_open(void);

/* Fills `out` with random bytes. */
void crypto_random(void *out, size_t len);

/* Returns random bits as good as those of crypto_random(), with far fewer system calls: they are drawn many
 * at a time, and lie in memory until they are used. So: for ids and jitter, not for secrets. */
uint64_t crypto_draw(void);

/* Returns a random number from 0 to 1, 1 excluded. */
double crypto_dice(void);

/* Computes the SHA-256 of `len` bytes. */
void crypto_sha256(const void *bytes, size_t len, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

/* Begins a SHA-256 piece by piece. NULL when memory is short. */
struct crypto_hash *crypto_hash_new(void);

/* Adds `len` bytes. */
void crypto_hash_add(struct crypto_hash *hash, const void *bytes, size_t len);

/* Writes the digest (where `ret_hash` is not NULL) and frees the state. NULL is fine. */
void crypto_hash_end(struct crypto_hash *hash, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

/* Makes a keyed BLAKE2b (RFC 7693) for use many times, by any number of threads; `key` is copied. NULL when
 * memory is short. */
struct crypto_mac *crypto_mac_new(const uint8_t key[CRYPTO_HASH_SIZE]);

/* Computes the code of the bytes under the key. */
void
crypto_mac_of(const struct crypto_mac *mac, const void *bytes, size_t len, uint8_t ret_code[CRYPTO_MAC_SIZE]);

/* Wipes and frees it. NULL is fine. */
void crypto_mac_free(struct crypto_mac *mac);

struct crypto_bytes {
	const void *at;
	size_t len;
};

/* Computes the HMAC-SHA256 (RFC 2104) of the pieces, one behind the other. */
void crypto_hmac(struct crypto_bytes key, const struct crypto_bytes *pieces, size_t count,
                 uint8_t ret_mac[CRYPTO_HASH_SIZE]);

/* Compares in a time that does not depend on where the two differ. True where they are equal. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* Writes a new opaque token: "lr_" and 256 random bits in base64url. */
void crypto_token(char ret_token[CRYPTO_TOKEN_SIZE]);

/* Wipes a secret from memory; the compiler cannot leave it out. */
void crypto_forget(void *secret, size_t len);

/* Computes the argon2id (RFC 9106) of `password` with 19 MiB and two passes (the OWASP minimum, which fits a
 * machine of 512 MB). Waits for a turn (turns.h). ERR_BUSY at once where the queue is full; ERR_NO_MEMORY. */
enum err_code
crypto_password_hash(enum turns_queue queue, const char *password, char ret_hash[CRYPTO_PASSWORD_SIZE]);

/* Checks `password` against `hash`: ERR_OK or ERR_BAD_CREDENTIALS. `hash` is NULL for an unknown user: the
 * same work is done, so that the time does not tell, and the answer is ERR_BAD_CREDENTIALS. ERR_BUSY at once
 * where the queue is full. */
enum err_code crypto_password_matches(enum turns_queue queue, const char *hash, const char *password);

#endif
