/* Standard Webhooks signatures: see signature.h. Signs the webhooks that we send, and checks those of
 * upstreams. */
#include "domain/webhook/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/crypto.h"
#include "base/limits.h"

static const char prefix[] = "whsec_", version[] = "v1,";

enum { DRAWN = 32 /* bytes; the specification wants 24 to 64 */ };

_Static_assert(SIGNATURE_SECRET_SIZE == sizeof(prefix) - 1 + BASE64_SIZE(DRAWN), "room for a secret");
_Static_assert(SIGNATURE_SIZE == sizeof(version) - 1 + BASE64_SIZE(CRYPTO_HASH_SIZE), "room for a signature");

void
signature_draw(char ret_secret[SIGNATURE_SECRET_SIZE])
{
	uint8_t bytes[DRAWN];
	crypto_random(bytes, sizeof(bytes));
	memcpy(ret_secret, prefix, sizeof(prefix));
	base64_write(bytes, sizeof(bytes), ret_secret + sizeof(prefix) - 1);
	crypto_forget(bytes, sizeof(bytes));
}

static bool
read_secret(const char *secret, uint8_t ret_key[LIMIT_SECRET], size_t *ret_len)
{
	if (strncmp(secret, prefix, sizeof(prefix) - 1) == 0)
		secret += sizeof(prefix) - 1;
	return strlen(secret) <= LIMIT_SECRET && base64_read(secret, strlen(secret), ret_key, ret_len) &&
	       *ret_len > 0;
}

bool
signature_secret_good(const char *secret)
{
	uint8_t key[LIMIT_SECRET];
	size_t len;
	bool good = read_secret(secret, key, &len);
	crypto_forget(key, sizeof(key));
	return good;
}

bool
signature_make(const char *secret, const struct signed_message *message, char ret_text[SIGNATURE_SIZE])
{
	uint8_t key[LIMIT_SECRET], mac[CRYPTO_HASH_SIZE];
	size_t len;
	char timestamp[32];
	if (!read_secret(secret, key, &len))
		return false;
	int digits = snprintf(timestamp, sizeof(timestamp), ".%" PRId64 ".", message->timestamp);
	const struct crypto_bytes pieces[] = {
	    {message->id, strlen(message->id)}, {timestamp, (size_t)digits}, {message->body, message->len}};
	crypto_hmac((struct crypto_bytes){key, len}, pieces, sizeof(pieces) / sizeof(pieces[0]), mac);
	crypto_forget(key, sizeof(key));
	memcpy(ret_text, version, sizeof(version));
	base64_write(mac, sizeof(mac), ret_text + sizeof(version) - 1);
	return true;
}

bool
signature_matches(const char *secret, const struct signed_message *message, const char *list)
{
	char expected[SIGNATURE_SIZE];
	bool match = false;
	bool known =
	    signature_make(secret != NULL ? secret : "whsec_bm9ib2R5", message, expected) && secret != NULL;
	for (int i = 0; i < SIGNATURE_LIST_MOST && *list != '\0'; i++) {
		size_t len = strcspn(list, " ");
		if (len == SIGNATURE_SIZE - 1 && known)
			match |= crypto_equal(list, expected, len);
		list += len;
		list += strspn(list, " ");
	}
	crypto_forget(expected, sizeof(expected));
	return match;
}

bool
signature_fresh(const struct signed_message *message, int64_t now_ms)
{
	int64_t now = now_ms / 1000;
	return message->timestamp >= now - SIGNATURE_TOLERANCE_S &&
	       message->timestamp <= now + SIGNATURE_TOLERANCE_S;
}
