/* Shows the key of a channel: in a header, or as what is signed with it. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "model/channel.h"
#include "upstream/dialect/compose_headers.h"
#include "upstream/dialect/profile.h"
#include "upstream/http/message.h"
#include "upstream/http/origin.h"

enum {
	TOKEN_BEFORE_S = 5, /* a peer's clock may be behind by so much */
	TOKEN_LIFE_S = 1800,
	TEXT_MAX = 512 /* bytes of a token's parts, before base64 */
};

/* Splits a key "access:secret", or with a bar. False where it is none. */
static bool
split(const char *key, struct crypto_bytes *ret_access, struct crypto_bytes *ret_secret)
{
	size_t len = strcspn(key, ":|");
	if (len == 0 || len > TEXT_MAX / 4 || key[len] == '\0' || key[len + 1] == '\0')
		return false;
	*ret_access = (struct crypto_bytes){key, len};
	*ret_secret = (struct crypto_bytes){key + len + 1, strlen(key + len + 1)};
	return true;
}

/* Appends base64url without padding (RFC 7515, section 2). */
static const char *
add_base64url(struct arena *arena, const char *before, const void *bytes, size_t len)
{
	char text[BASE64_SIZE(TEXT_MAX)];
	base64_write(bytes, len, text);
	text[strcspn(text, "=")] = '\0';
	for (char *p = text; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	return before != NULL ? arena_printf(arena, "%s%s", before, text) : NULL;
}

/* Makes a token (RFC 7519) that says who signs it, and for how long. ERR_INTERNAL for a key that is none of
 * two parts. */
static enum err_code
make_token(const char *key, struct arena *arena, const char **ret_token)
{
	static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	struct crypto_bytes access, secret;
	uint8_t mac[CRYPTO_HASH_SIZE];
	char claims[TEXT_MAX];
	long long now = clock_wall_ms() / 1000;
	if (!split(key, &access, &secret) || memchr(access.at, '"', access.len) != NULL ||
	    memchr(access.at, '\\', access.len) != NULL)
		return ERR_INTERNAL;
	int len =
	    snprintf(claims, sizeof(claims), "{\"iss\":\"%.*s\",\"exp\":%lld,\"nbf\":%lld}", (int)access.len,
	             (const char *)access.at, now + TOKEN_LIFE_S, now - TOKEN_BEFORE_S);
	const char *text = add_base64url(arena, "", head, sizeof(head) - 1);
	text =
	    text != NULL ? add_base64url(arena, arena_printf(arena, "%s.", text), claims, (size_t)len) : NULL;
	if (text == NULL)
		return ERR_NO_MEMORY;
	const struct crypto_bytes signed_text = {text, strlen(text)};
	crypto_hmac(secret, &signed_text, 1, mac);
	*ret_token = add_base64url(arena, arena_printf(arena, "%s.", text), mac, sizeof(mac));
	return *ret_token != NULL ? ERR_OK : ERR_NO_MEMORY;
}

/* True where the key has no byte that would begin a header of its own. */
static bool
is_plain(const char *key)
{
	for (; *key; key++)
		if ((unsigned char)*key < ' ' || *key == 0x7f)
			return false;
	return true;
}

enum err_code
compose_key(const struct channel *channel, struct arena *arena, const char **ret_line)
{
	const struct dialect *d = channel->dialect;
	const char *shown = channel->key, *line = NULL;
	enum err_code err = is_plain(channel->key) ? ERR_OK : ERR_INTERNAL;
	if (err == ERR_OK && channel->key[0] && d->auth_type == AUTH_JWT)
		err = make_token(channel->key, arena, &shown);
	if (err == ERR_OK && channel->key[0] && d->auth_type != AUTH_SIGV4) {
		line = arena_printf(arena, "%s: %s%s", d->auth_header, d->auth_prefix, shown);
		err = line != NULL ? ERR_OK : ERR_NO_MEMORY;
	}
	if (err == ERR_OK)
		*ret_line = line;
	return err;
}

/* Returns the region that requests are signed for: "us-east-1" of bedrock-runtime.us-east-1.amazonaws.com. */
static const char *
region_of(const struct channel *channel, struct arena *arena)
{
	char host[256];
	if (channel->dialect->auth_region)
		return channel->dialect->auth_region;
	origin_host(channel->base, host, sizeof(host));
	const char *second = strchr(host, '.');
	return second != NULL ? arena_strndup(arena, second + 1, strcspn(second + 1, ".:")) : NULL;
}

enum err_code
compose_signature(const struct channel *channel, struct arena *arena, struct http_request *request)
{
	struct crypto_bytes access, secret;
	const struct dialect *d = channel->dialect;
	if (d->auth_type != AUTH_SIGV4 || !channel->key[0])
		return ERR_OK;
	const char *region = region_of(channel, arena);
	if (!is_plain(channel->key) || !split(channel->key, &access, &secret) || region == NULL || !region[0])
		return ERR_INTERNAL;
	request->sigv4 = arena_printf(arena, "aws:amz:%s:%s", region, d->auth_service);
	request->user = arena_printf(arena, "%.*s:%.*s", (int)access.len, (const char *)access.at,
	                             (int)secret.len, (const char *)secret.at);
	return request->sigv4 && request->user ? ERR_OK : ERR_NO_MEMORY;
}
