/* curl_multi on base/loop. libcurl says which sockets and which time it waits for; the loop waits, and calls
 * it. Easy handles are reused and connections kept alive, but a submission gets a connection of its own:
 * libcurl resends a request by itself when a kept-alive connection turns out to be dead, and a submission
 * must never be sent twice. */
#include "upstream/http/client.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "upstream/http/exchange.h"
#include "upstream/http/sockets.h"

enum {
	CONNECTIONS = 4096, /* kept alive: more than are ever in flight, or each answer costs a reconnect */
	IDLE_HANDLES = 256, /* kept for reuse */
	IDLE_MS = 60 * 60 * 1000 /* see set_timer() */
};

struct http {
	struct loop *loop;
	struct loop_timer timer;
	CURLM *multi; /* NULL before the first request */
	struct sockets *sockets;
	long per_host; /* connections */
	struct exchange *active;
	struct exchange *idle;
	size_t active_count;
	size_t idle_count;
	bool delivers; /* the timer is set to now */
	bool closing;
};

/* ---- exchanges ---- */

static struct exchange *
take_exchange(struct http *http)
{
	struct exchange *x = http->idle;
	if (x == NULL)
		return exchange_new();
	http->idle = x->next;
	http->idle_count--;
	return x;
}

static void
return_exchange(struct http *http, struct exchange *x)
{
	if (http->closing || http->idle_count >= IDLE_HANDLES) {
		exchange_free(x);
		return;
	}
	exchange_reset(x);
	x->next = http->idle;
	http->idle = x;
	http->idle_count++;
}

static void
link_active(struct http *http, struct exchange *x)
{
	x->prev = NULL;
	x->next = http->active;
	if (x->next)
		x->next->prev = x;
	http->active = x;
	http->active_count++;
}

static void
unlink_active(struct http *http, struct exchange *x)
{
	if (x->prev)
		x->prev->next = x->next;
	else
		http->active = x->next;
	if (x->next)
		x->next->prev = x->prev;
	http->active_count--;
}

static void
finish_exchange(struct http *http, struct exchange *x, CURLcode code)
{
	char why[EXCHANGE_WHY_SIZE];
	struct http_response response = exchange_response(x, code, why);

	curl_multi_remove_handle(http->multi, x->easy);
	unlink_active(http, x);
	x->done(x->cookie, &response);
	return_exchange(http, x);
}

/* ---- libcurl and the loop ---- */

/* Delivers the exchanges that have ended. */
static void
deliver(struct http *http)
{
	int left;
	CURLMsg *message;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct exchange *x = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
		finish_exchange(http, x, code);
	}
}

/* Has libcurl read what has come. What has ended is delivered after the other sockets of this turn of the
 * loop: the requests that begin then leave one after the other, and the upstream is woken once for many. */
static void
on_socket(void *cookie, int fd, unsigned events)
{
	struct http *http = cookie;
	int bits = 0, running;

	/* A hang-up is for reading: what the peer said before it left is still there. */
	if (events & (LOOP_READ | LOOP_HANGUP))
		bits |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		bits |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, fd, bits, &running);
	if (!http->delivers)
		loop_timer_set(http->loop, &http->timer, clock_mono_ms());
	http->delivers = true;
}

/* CURLMOPT_SOCKETFUNCTION. To return a failure would end every transfer, so a socket that cannot be watched
 * for want of memory stays unwatched: its own transfer ends by its timeout. */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *cookie, void *socket_cookie)
{
	struct http *http = cookie;
	unsigned events = 0;

	(void)easy;
	(void)socket_cookie;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= LOOP_WRITE;
	sockets_watch(http->sockets, fd, events);
	return 0;
}

static void
on_timer(void *cookie)
{
	struct http *http = cookie;
	int running;
	loop_timer_set(http->loop, &http->timer, clock_mono_ms() + IDLE_MS);
	http->delivers = false;
	deliver(http);
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	deliver(http);
}

/* CURLMOPT_TIMERFUNCTION. The timer is never cancelled but set far ahead: to move one that is set needs no
 * memory, so that this cannot fail. Where it is set to now, on_timer() will be told again. */
static int
set_timer(CURLM *multi, long wait_ms, void *cookie)
{
	struct http *http = cookie;
	(void)multi;
	if (!http->delivers)
		loop_timer_set(http->loop, &http->timer, clock_mono_ms() + (wait_ms < 0 ? IDLE_MS : wait_ms));
	return 0;
}

/* ---- the client ---- */

struct http *
http_new(struct loop *loop, long per_host)
{
	struct http *http = calloc(1, sizeof(*http));
	if (http == NULL)
		return NULL;
	http->loop = loop;
	http->per_host = per_host;
	http->timer.fn = on_timer;
	http->timer.cookie = http;
	return http;
}

/* Makes the multi handle with the first request: libcurl is not even loaded before. */
static bool
open_multi(struct http *http)
{
	if (http->multi)
		return true;
	http->multi = curl_multi_init();
	if (!http->multi)
		return false;
	http->sockets = sockets_new(http->loop, on_socket, http);
	if (http->sockets == NULL || !loop_timer_set(http->loop, &http->timer, clock_mono_ms() + IDLE_MS)) {
		curl_multi_cleanup(http->multi);
		sockets_free(http->sockets);
		http->multi = NULL;
		http->sockets = NULL;
		return false;
	}
	/* These cannot fail on a valid handle. */
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, http->per_host);
	return true;
}

void
http_free(struct http *http)
{
	struct exchange *x;

	if (http == NULL)
		return;
	http->closing = true;
	while ((x = http->active))
		finish_exchange(http, x, CURLE_ABORTED_BY_CALLBACK);
	while ((x = http->idle)) {
		http->idle = x->next;
		exchange_free(x);
	}
	if (http->multi)
		curl_multi_cleanup(http->multi);
	sockets_free(http->sockets);
	loop_timer_cancel(http->loop, &http->timer);
	free(http);
}

bool
http_start(struct http *http, const struct http_request *request, http_done *done, void *cookie)
{
	struct exchange *x = !http->closing && open_multi(http) ? take_exchange(http) : NULL;

	if (x == NULL)
		return false;
	x->done = done;
	x->cookie = cookie;
	if (!exchange_set(x, http->sockets, request) ||
	    curl_multi_add_handle(http->multi, x->easy) != CURLM_OK) {
		return_exchange(http, x);
		return false;
	}
	link_active(http, x);
	return true;
}

size_t
http_active(const struct http *http)
{
	return http->active_count;
}
