/* Endpoints of users: see endpoint.h. Addresses are read by rules of our own, stricter than any URL parser's,
 * so that an address that passes means the same to the HTTP client. The check that counts is made there, at
 * the connect. */
#include "domain/webhook/endpoint.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "store/delivery.h"
#include "store/rate.h"
#include "store/store.h"
#include "store/webhook.h"
#include "upstream/http/address.h"

enum { HOST_SIZE = 256 };

/* ---- addresses ---- */

/* True for a public IP address; ret_literal: true for any IP address. */
static bool
is_public_address(const char *host, bool *ret_literal)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	*ret_literal = true;
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		return address_may_be_asked((const struct sockaddr *)&in);
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		return address_may_be_asked((const struct sockaddr *)&in6);
	*ret_literal = false;
	return false;
}

static bool
ends_in(const char *host, const char *end)
{
	size_t len = strlen(host), tail = strlen(end);
	return len >= tail && strcasecmp(host + len - tail, end) == 0;
}

/* True for names of private networks, and for numbers in any notation that some programs take for an address
 * (127.1, 0x7f000001). */
static bool
is_internal_name(const char *host)
{
	static const char *const names[] = {".localhost",   ".local", ".internal",
	                                    ".localdomain", ".lan",   ".home.arpa"};
	const char *last = strrchr(host, '.');
	last = last != NULL ? last + 1 : host;
	if (strcasecmp(host, "localhost") == 0 || (last[0] >= '0' && last[0] <= '9'))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (ends_in(host, names[i]))
			return true;
	return false;
}

/* Reads the host at `*at`, without the brackets of an IPv6 address, and moves `*at` behind it. */
static bool
read_host(const char **at, char ret_host[HOST_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
	bool bracket = **at == '[';
	const char *from = *at + bracket;
	size_t len = strspn(from, bracket ? "0123456789abcdefABCDEF:." : letters);
	if (len == 0 || len >= HOST_SIZE || (bracket && from[len] != ']'))
		return false;
	memcpy(ret_host, from, len);
	ret_host[len] = '\0';
	*at = from + len + bracket;
	return bracket ? strchr(ret_host, ':') != NULL : ret_host[0] != '.' && ret_host[len - 1] != '.';
}

/* Reads the port at `*at`, if there is one, and moves `*at` behind it. */
static bool
read_port(const char **at)
{
	if (**at != ':')
		return true;
	size_t digits = strspn(*at + 1, "0123456789");
	long port = digits >= 1 && digits <= 5 ? strtol(*at + 1, NULL, 10) : 0;
	*at += 1 + digits;
	return port >= 1 && port <= 65535;
}

/* True for printable ASCII without the characters that no path or query may have. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("\"<>\\^`{|}#", *s) != NULL)
			return false;
	return true;
}

const char *
webhook_url_fault(const struct config *config, const char *url)
{
	bool private = config_on(config->webhook_private), literal;
	char host[HOST_SIZE];
	if (strlen(url) > WEBHOOK_URL || !is_plain(url))
		return "url must be an address of at most 2048 printable ASCII characters, without a "
		       "fragment.";
	if (strncmp(url, "https://", 8) == 0)
		url += 8;
	else if (private && strncmp(url, "http://", 7) == 0)
		url += 7;
	else
		return "url must begin with https://.";
	if (url[strcspn(url, "@/?")] == '@')
		return "url must not hold a name or a password.";
	if (!read_host(&url, host) || !read_port(&url) || strchr("/?", url[0]) == NULL)
		return "url must name a host, and a port from 1 to 65535 if any.";
	bool good = is_public_address(host, &literal);
	if (!private && (literal ? !good : is_internal_name(host)))
		return "url must not lead to a private address.";
	return NULL;
}

/* ---- changes ---- */

/* Begins a transaction and loads the endpoint. */
static enum err_code
begin_with(struct store *store, struct arena *arena, int64_t user_id, int64_t id, struct webhook *ret_webhook)
{
	enum err_code err = store_begin(store, STORE_DURABLE);
	return err == ERR_OK ? store_webhook_get(store, arena, user_id, id, ret_webhook) : err;
}

enum err_code
webhook_add(struct store *store, struct arena *arena, int64_t user_id, const struct webhook *wanted,
            struct webhook *ret_webhook)
{
	char *secret = arena_alloc(arena, SIGNATURE_SECRET_SIZE);
	struct webhook webhook = *wanted, *others;
	size_t count;
	if (secret == NULL)
		return ERR_NO_MEMORY;
	signature_draw(secret);
	webhook.secret = secret;
	webhook.enabled = true;
	webhook.created_at = clock_wall_ms();
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_webhook_list(store, arena, user_id, &others, &count);
	if (err == ERR_OK && count >= WEBHOOK_MOST)
		err = ERR_TOO_MANY_WEBHOOKS;
	if (err == ERR_OK)
		err = store_webhook_add(store, user_id, &webhook, &webhook.id);
	if (err == ERR_OK)
		err = store_webhook_get(store, arena, user_id, webhook.id, &webhook);
	err = store_end(store, err);
	if (err == ERR_OK)
		*ret_webhook = webhook;
	return err;
}

enum err_code
webhook_change(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
               const struct webhook_change *change, struct webhook *ret_webhook)
{
	struct webhook webhook;
	enum err_code err = begin_with(store, arena, user_id, id, &webhook);
	if (err == ERR_OK) {
		webhook.url = change->url != NULL ? change->url : webhook.url;
		webhook.completed = change->completed != NULL ? *change->completed : webhook.completed;
		webhook.failed = change->failed != NULL ? *change->failed : webhook.failed;
		webhook.enabled = change->enabled != NULL ? *change->enabled : webhook.enabled;
		webhook.key_id = change->key_id;
		err = store_webhook_set(store, &webhook);
	}
	if (err == ERR_OK)
		err = store_webhook_get(store, arena, user_id, id, &webhook);
	err = store_end(store, err);
	if (err == ERR_OK)
		*ret_webhook = webhook;
	return err;
}

enum err_code
webhook_rotate(struct store *store, struct arena *arena, const struct user *user, int64_t id,
               struct webhook *ret_webhook)
{
	char *secret = arena_alloc(arena, SIGNATURE_SECRET_SIZE);
	struct webhook webhook;
	if (secret == NULL)
		return ERR_NO_MEMORY;
	signature_draw(secret);
	enum err_code err = begin_with(store, arena, user->id, id, &webhook);
	if (err == ERR_OK) {
		webhook.secret = secret;
		webhook.old_until = clock_wall_ms() + WEBHOOK_OLD_MS;
		webhook.key_id = user->key_id;
		err = store_webhook_rotate(store, &webhook);
	}
	if (err == ERR_OK)
		err = store_webhook_get(store, arena, user->id, id, &webhook);
	err = store_end(store, err);
	if (err == ERR_OK)
		*ret_webhook = webhook;
	return err;
}

enum err_code
webhook_delete(struct store *store, struct arena *arena, int64_t user_id, int64_t id)
{
	struct webhook webhook;
	enum err_code err = begin_with(store, arena, user_id, id, &webhook);
	return store_end(store, err == ERR_OK ? store_webhook_delete(store, id) : err);
}

enum err_code
webhook_replay(struct store *store, struct arena *arena, const struct webhook_again *again,
               int64_t *ret_wait_ms)
{
	char bucket[48];
	struct webhook webhook;
	int64_t now = clock_wall_ms();
	*ret_wait_ms = 0;
	snprintf(bucket, sizeof(bucket), "replay:%" PRId64, again->user_id);
	enum err_code err = begin_with(store, arena, again->user_id, again->id, &webhook);
	if (err == ERR_OK)
		err = store_rate_take(store, bucket, again->per_minute, now, ret_wait_ms);
	if (err == ERR_OK)
		err = store_delivery_replay(store, again->id, again->delivery_id, now);
	if (err == ERR_OK && !webhook.enabled)
		err = ERR_WEBHOOK_DISABLED;
	return store_end(store, err == ERR_CONFLICT ? ERR_BUSY : err);
}
