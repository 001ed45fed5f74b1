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
static const char nothing[] = "whsec_bm9ib2R5"; /* in place of a secret that is missing */

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
signature_token(const char *secret, const char *channel, char ret_token[SIGNATURE_TOKEN_SIZE])
{
	/* As a message it is of 1970, which no receiver takes. */
	const struct signed_message message = {"address", 0, channel, strlen(channel)};
	char text[SIGNATURE_SIZE];
	if (!signature_make(secret, &message, text))
		return false;
	const char *from = text + sizeof(version) - 1;
	for (size_t i = 0; i < SIGNATURE_TOKEN_SIZE - 1; i++)
		ret_token[i] = from[i] == '+' ? '-' : from[i] == '/' ? '_' : from[i];
	ret_token[SIGNATURE_TOKEN_SIZE - 1] = '\0'; /* in place of the padding */
	return true;
}

bool
signature_token_good(const char *secret, const char *channel, const char *token)
{
	char expected[SIGNATURE_TOKEN_SIZE];
	bool known = signature_token(secret != NULL ? secret : nothing, channel, expected) && secret != NULL;
	return strlen(token) == SIGNATURE_TOKEN_SIZE - 1 && known &&
	       crypto_equal(expected, token, SIGNATURE_TOKEN_SIZE - 1);
}

bool
signature_matches(const char *secret, const struct signed_message *message, const char *list)
{
	char expected[SIGNATURE_SIZE];
	bool match = false;
	bool known = signature_make(secret != NULL ? secret : nothing, message, expected) && secret != NULL;
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
