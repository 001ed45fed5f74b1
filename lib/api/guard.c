/* The caller of a request: see guard.h. */
#include "api/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/networks.h"
#include "domain/account/user.h"

const char *
guard_token(const struct request *request)
{
	const char *value = request_header(request, "Authorization");
	if (value != NULL && strncasecmp(value, "Bearer ", 7) == 0)
		value += 7 + strspn(value + 7, " ");
	else if ((value = request_header(request, "api-key")) == NULL)
		value = request_header(request, "x-api-key");
	if (value == NULL)
		return NULL;
	size_t len = strcspn(value, " \t");
	if (len == 0 || len > LIMIT_TOKEN || value[len + strspn(value + len, " \t")] != '\0')
		return NULL;
	return arena_strndup(request->arena, value, len);
}

void
guard_token_hash(const struct request *request, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	const char *token = guard_token(request);
	memset(ret_hash, 0, CRYPTO_HASH_SIZE);
	if (token != NULL)
		crypto_sha256(token, strlen(token), ret_hash);
}

/* Says why there is no user. Does not repeat what the client has sent: it may be a key. */
static struct err
unauthorized(const struct request *request, const char *token)
{
	const char *value = request_header(request, "Authorization");
	if (token != NULL)
		return err_in_chinese(err_say(ERR_UNAUTHORIZED, NULL,
		                              "This token or API key is not valid, or no longer valid."),
		                      "该令牌或 API 密钥无效或已失效。");
	if (value != NULL && strncasecmp(value, "Basic ", 6) == 0)
		return err_in_chinese(
		    err_say(ERR_UNAUTHORIZED, NULL,
		            "Basic authentication is not supported; send Authorization: Bearer TOKEN."),
		    "不支持 Basic 认证，请使用 Authorization: Bearer TOKEN。");
	if (value != NULL || request_header(request, "api-key") != NULL ||
	    request_header(request, "x-api-key") != NULL)
		return err_in_chinese(
		    err_say(ERR_UNAUTHORIZED, NULL,
		            "The header with the token is not understood; send Authorization: Bearer TOKEN."),
		    "无法识别请求头中的令牌，请使用 Authorization: Bearer TOKEN。");
	return err_of(ERR_UNAUTHORIZED);
}

/* Whether the caller's address suits the token, and the role that it has from there. */
static enum err_code
judge_address(const struct call *call, struct user *user)
{
	const char *address = call->request->remote_addr, *admins = call->config->admin_addresses;
	if (config_is_set(user->addresses) && !networks_hold(user->addresses, address))
		return ERR_ADDRESS_NOT_ALLOWED;
	user->elsewhere = user->admin && config_is_set(admins) && !networks_hold(admins, address);
	user->admin = user->admin && !user->elsewhere;
	return ERR_OK;
}

struct err
guard_bearer(const struct call *call, const char *token, struct user *ret_user)
{
	struct user user;
	enum err_code err = account_of_token(call->store, call->arena, token, &user);
	if (err == ERR_OK)
		err = judge_address(call, &user);
	if (err == ERR_OK)
		*ret_user = user;
	return err_of(err);
}

struct err
guard_user(const struct call *call, struct user *ret_user)
{
	const char *token = guard_token(call->request);
	struct err err = err_of(ERR_UNAUTHORIZED);
	if (token != NULL)
		err = guard_bearer(call, token, ret_user);
	if (err.code != ERR_UNAUTHORIZED)
		return err;
	reply_header(call->reply, "WWW-Authenticate",
	             token != NULL ? "Bearer error=\"invalid_token\"" : "Bearer");
	return unauthorized(call->request, token);
}

enum err_code
guard_admin(const struct user *user)
{
	if (user->admin)
		return ERR_OK;
	return user->elsewhere ? ERR_NOT_FOUND : ERR_FORBIDDEN;
}

/* The weight of a language range's "q", 0 to 1. */
static double
weight_of(const char *range, size_t len)
{
	const char *at = memchr(range, ';', len);
	if (at == NULL)
		return 1;
	at++;
	at += strspn(at, " \t");
	if (strncasecmp(at, "q=", 2) != 0)
		return 1;
	double weight = strtod(at + 2, NULL);
	return weight >= 0 && weight <= 1 ? weight : 0;
}

const char *
guard_lang(const struct request *request)
{
	const char *at = request_header(request, "Accept-Language");
	double zh = 0, en = 0;
	while (at != NULL && *at != '\0') {
		at += strspn(at, " \t,");
		size_t len = strcspn(at, ",");
		double weight = weight_of(at, len);
		bool primary = len == 2 || (len > 2 && strchr("-; \t", at[2]) != NULL);
		if (primary && strncasecmp(at, "zh", 2) == 0 && weight > zh)
			zh = weight;
		if (primary && strncasecmp(at, "en", 2) == 0 && weight > en)
			en = weight;
		at += len;
	}
	return zh > en ? "zh" : "en";
}

static bool
origin_allowed(const char *origins, const char *origin)
{
	size_t len = strlen(origin);
	while (*origins != '\0') {
		origins += strspn(origins, " \t");
		size_t each = strcspn(origins, " \t");
		if ((each == 1 && *origins == '*') || (each == len && strncasecmp(origins, origin, len) == 0))
			return true;
		origins += each;
	}
	return false;
}

bool
guard_cors(const struct request *request, struct reply *reply, const struct config *config)
{
	const char *origin = request_header(request, "Origin");
	bool preflight = strcmp(request->method, "OPTIONS") == 0 &&
	                 request_header(request, "Access-Control-Request-Method") != NULL;
	if (config->cors_origins[0] != '\0')
		reply_header(reply, "Vary", "Origin");
	if (origin == NULL || !origin_allowed(config->cors_origins, origin))
		return false;
	/* Tokens travel in a header and never in a cookie, so credentials are not allowed. */
	reply_header(reply, "Access-Control-Allow-Origin", origin);
	reply_header(
	    reply, "Access-Control-Expose-Headers",
	    "Date, ETag, Retry-After, X-Request-Id, Idempotent-Replayed, Content-Range, Content-Disposition, "
	    "openai-poll-after-ms, x-should-retry");
	if (!preflight)
		return false;
	reply_header(reply, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
	reply_header(
	    reply, "Access-Control-Allow-Headers",
	    "Authorization, api-key, x-api-key, Content-Type, Idempotency-Key, If-None-Match, Prefer, Range, "
	    "X-Request-Id, "
	    "OpenAI-Organization, OpenAI-Project, X-Stainless-Arch, X-Stainless-Lang, X-Stainless-OS, "
	    "X-Stainless-Package-Version, X-Stainless-Runtime, X-Stainless-Runtime-Version, "
	    "X-Stainless-Retry-Count, X-Stainless-Timeout, X-Stainless-Helper-Method, "
	    "X-Stainless-Poll-Helper, X-Stainless-Custom-Poll-Interval"); /* the official OpenAI client's */
	reply_header(reply, "Access-Control-Max-Age", "600");
	reply->status = 204;
	return true;
}
