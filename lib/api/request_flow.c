/* The way of a request: preflight, route, guard, handler, envelope, one line in the log. A request that is
 * only asked whether its body may come (authorize.h) ends before the handler. */
#include "api/request_flow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/authorize.h"
#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "api/openai_error.h"
#include "api/shown_path.h"
#include "base/arena.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/prefix.h"
#include "base/unread.h"
#include "domain/account/session.h"
#include "domain/video/link.h"
#include "store/store.h"
#include "web/field.h"
#include "web/proxy.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/route.h"

enum { UNREAD_RETRY_MS = 2000 };

/* Refuses what the route does not take: a query, a body, a compressed body. */
static struct err
check_request(const struct route *route, struct request *request, struct reply *reply)
{
	struct err err = err_of(ERR_OK);
	if ((route->takes & TAKES_QUERY) == 0 && request->query[0] != '\0')
		err = field_read_query(NULL, 0, request, NULL);
	if (err.code != ERR_OK || request->content_length == 0)
		return err;
	const char *encoding = request_header(request, "Content-Encoding");
	if (encoding != NULL && *encoding != '\0' && strcasecmp(encoding, "identity") != 0) {
		reply_header(reply, "Accept-Encoding", "identity"); /* RFC 9110, section 15.5.16 */
		return err_of(ERR_BAD_CONTENT_ENCODING);
	}
	bool takes = (route->takes & TAKES_BODY) != 0 || strcmp(request->method, "GET") == 0;
	return takes ? err : field_refuse_body(request);
}

/* True where the call changes nothing. */
static bool
reads_only(const struct route *route, const struct call *call)
{
	return strcmp(call->request->method, "GET") == 0 || (route->takes & READS) != 0;
}

/* Whether the caller's token is good for the route. */
static struct err
check_scope(const struct route *route, const struct call *call)
{
	if (call->user->key_id != 0 && call->user->scope == KEY_SCOPE_READ && !reads_only(route, call))
		return err_in_chinese(err_say(ERR_FORBIDDEN, NULL, "This API key may only read."),
		                      "该 API 密钥只能读取。");
	return err_of(route->access == ACCESS_ADMIN ? guard_admin(call->user) : ERR_OK);
}

/* Whether the caller may read now. A large answer is held by the web server, in files, until its client has
 * read it: who is in debt for such answers gets none for a while. */
static struct err
check_reads(const struct flow *flow, const struct route *route, const struct call *call)
{
	struct err err = err_of(ERR_OK);
	int64_t now = clock_mono_ms();
	if (!reads_only(route, call) || flow->reads == NULL || call->user == NULL)
		return err;
	if (!budget_has(flow->reads, call->user->id, now, &err.retry_after_ms) ||
	    !budget_has(flow->answers, call->user->id, now, &err.retry_after_ms))
		err.code = ERR_RATE_LIMITED;
	else
		budget_take(flow->reads, call->user->id, 1, now);
	return err;
}

/* Counts an answer that the web server may have to hold, or refuses it: where too much of the user's is held
 * already. */
static struct err
count_answer(const struct flow *flow, const struct call *call)
{
	bool streamed = call->reply->streaming;
	int64_t bytes = streamed ? call->streamed : (int64_t)call->reply->body.len, now = clock_mono_ms();
	struct peer peer;
	if (flow->answers == NULL || call->user == NULL || bytes <= LIMIT_ANSWER_HELD)
		return err_of(ERR_OK);
	if (strcmp(call->request->method, "GET") == 0 && request_peer(call->request, &peer) &&
	    !unread_add(flow->unread, call->user->id, bytes, &peer, now) && !streamed) {
		struct err err =
		    err_say(ERR_RATE_LIMITED, NULL, "Read the answers to your other requests first.");
		err.retry_after_ms = UNREAD_RETRY_MS;
		return err_in_chinese(err, "请先读取其他请求的响应。");
	}
	budget_take(flow->answers, call->user->id, bytes, now);
	return err_of(ERR_OK);
}

static struct err
route_and_call(struct worker *worker, struct call *call)
{
	const struct route *route;
	const char *allow;
	if (guard_cors(call->request, call->reply, call->config)) {
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	enum err_code broken = authorize_broken(call->request, call->config);
	if (broken != ERR_OK)
		return err_of(broken);
	enum err_code found = route_find(worker->flow->routes, call->request, &route, &allow);
	if (found == ERR_METHOD_NOT_ALLOWED && openai_is_foreign(call->request))
		found = ERR_NOT_FOUND;
	if (found == ERR_METHOD_NOT_ALLOWED)
		reply_header(call->reply, "Allow", allow);
	if (found != ERR_OK)
		return err_of(found);
	if (route->access != ACCESS_PUBLIC) {
		struct user *user = arena_alloc(call->arena, sizeof(*user));
		if (user == NULL)
			return err_of(ERR_NO_MEMORY);
		struct err err = guard_user(call, user);
		if (err.code != ERR_OK)
			return err;
		call->user = user;
		err = check_scope(route, call);
		if (err.code != ERR_OK)
			return err;
	}
	if ((route->takes & TAKES_NONE) != 0)
		return route->handler(call);
	if (authorize_is_asked(call->request)) {
		int64_t largest = worker->flow->largest_body;
		return authorize_body(call, largest > 0 ? largest : LIMIT_JSON_BODY);
	}
	struct err err = check_reads(worker->flow, route, call);
	if (err.code == ERR_OK)
		err = check_request(route, call->request, call->reply);
	return err.code == ERR_OK ? route->handler(call) : err;
}

/* Logs a call. The line begins with values that no client can forge: conf/fail2ban-filter.conf relies on it.
 */
static void
log_call(const struct call *call, enum err_code code)
{
	const struct request *request = call->request;
	char path[LIMIT_PATH + 1];
	shown_path(request->path, path);
	const char *client = request->remote_addr[0] != '\0' ? request->remote_addr : "-";
	int64_t user = call->user != NULL ? call->user->id : 0;
	if (call->reply->detached)
		log_info("request=%s client=%s user=%" PRId64 " method=%s path=%s held", request->id, client,
		         user, request->method, path);
	else
		log_line(call->reply->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		         "request=%s client=%s user=%" PRId64 " method=%s path=%s status=%d ms=%" PRId64
		         " code=%s",
		         request->id, client, user, request->method, path, call->reply->status,
		         clock_mono_ms() - request->started_ms, err_word(code));
}

/* Stores the time of use of the caller's token or key, where that is due. */
static void
store_last_use(const struct call *call)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	if (call->user == NULL || !session_use_is_due(call->user))
		return;
	guard_token_hash(call->request, hash);
	session_note_use(call->config->data, call->user, hash);
}

/* The links for a client that sees the server below a path: base_path, or what a trusted proxy says that it
 * has cut off. Cuts base_path off the request's path. */
static const struct links *
links_for(const struct flow *flow, struct request *request)
{
	const struct config *config = flow->config;
	char base[2 * PREFIX_SIZE];
	bool below = request_below(request, config->base_path);
	if (config->trusted_proxies[0] == '\0')
		return flow->links;
	const char *cut = request_header(request, "X-Forwarded-Prefix");
	if (cut == NULL || !proxy_trusted(request, config->trusted_proxies))
		return flow->links;
	size_t len = strnlen(cut, PREFIX_SIZE);
	if (len > 0 && cut[len - 1] == '/')
		len--;
	snprintf(base, sizeof(base), "%.*s%s", (int)len, cut, below ? config->base_path : "");
	return prefix_valid(base) ? links_below(flow->links, base) : flow->links;
}

void
request_flow(void *thread, struct request *request, struct reply *reply)
{
	struct worker *worker = thread;
	struct call call = {
	    .request = request,
	    .reply = reply,
	    .arena = request->arena,
	    .store = worker->store,
	    .config = worker->flow->config,
	    .links = links_for(worker->flow, request),
	    .lang = guard_lang(request),
	    .program = worker->flow->state,
	};
	if (worker->flow->snapshot)
		store_snapshot(worker->store); /* a failure is harmless: each read is then by itself */
	struct err err = route_and_call(worker, &call);
	store_snapshot_end(worker->store);
	store_rollback(worker->store); /* a transaction that a handler left open */
	store_last_use(&call);
	bool pending = !reply->detached && !reply->streaming; /* still to be sent */
	if (err.code == ERR_OK && pending && (reply->body.failed || reply->headers.failed)) {
		bool full = reply->body.full || reply->headers.full;
		reply_reset(reply);
		err = err_of(full ? ERR_INTERNAL : ERR_NO_MEMORY);
	}
	if (err.code == ERR_OK && pending) {
		err = count_answer(worker->flow, &call);
		if (err.code != ERR_OK)
			reply_reset(reply);
	}
	if (reply->streaming)
		count_answer(worker->flow, &call); /* it has been sent: the next ones may have to wait */
	if (err.code != ERR_OK && pending) {
		/* A request that is refused before its body came has surely made nothing. */
		err.no_auto_retry =
		    err.no_auto_retry || (!authorize_is_asked(request) && openai_is_blind(request, &err));
		envelope_error(request, reply, &err, call.lang);
	}
	if (!reply->detached)
		request_drain(request); /* its claim of disk space ends below */
	authorize_end(request, call.config);
	if (err.code != ERR_OK || !authorize_is_asked(request))
		log_call(&call, err.code);
}
