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

enum {
	CONNECTIONS = 4096, /* kept alive: more than are ever in flight, or each answer costs a reconnect */
	IDLE_HANDLES = 256, /* kept for reuse */
	IDLE_MS = 60 * 60 * 1000 /* see set_timer() */
};

struct http {
	struct loop *loop;
	struct loop_timer timer;
	CURLM *multi;  /* NULL before the first request */
	long per_host; /* connections */
	struct exchange *active;
	struct exchange *idle;
	size_t active_count;
	size_t idle_count;
	bool closing;
};

struct watched {
	struct http *http;
	struct loop_watch watch;
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
on_socket(void *cookie, unsigned events)
{
	struct watched *watched = cookie;
	struct http *http = watched->http;
	int bits = 0, running;

	/* A hang-up is for reading: what the peer said before it left is still there. */
	if (events & (LOOP_READ | LOOP_HANGUP))
		bits |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		bits |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, watched->watch.fd, bits, &running);
	loop_timer_set(http->loop, &http->timer, clock_mono_ms());
}

static void
unwatch(struct http *http, struct watched *watched)
{
	if (watched == NULL)
		return;
	loop_remove(http->loop, &watched->watch);
	free(watched);
}

/* CURLMOPT_SOCKETFUNCTION. To return a failure would end every transfer, so a socket that cannot be watched
 * for want of memory stays unwatched: its own transfer ends by its timeout. */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *cookie, void *socket_cookie)
{
	struct http *http = cookie;
	struct watched *watched = socket_cookie;
	unsigned events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		unwatch(http, watched);
		curl_multi_assign(http->multi, fd, NULL);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= LOOP_WRITE;
	if (watched) {
		loop_change(http->loop, &watched->watch, events);
		return 0;
	}
	watched = calloc(1, sizeof(*watched));
	if (watched == NULL)
		return 0;
	watched->http = http;
	watched->watch = (struct loop_watch){.fd = fd, .fn = on_socket, .cookie = watched};
	if (!loop_add(http->loop, &watched->watch, events)) {
		free(watched);
		return 0;
	}
	curl_multi_assign(http->multi, fd, watched);
	return 0;
}

static void
on_timer(void *cookie)
{
	struct http *http = cookie;
	int running;
	loop_timer_set(http->loop, &http->timer, clock_mono_ms() + IDLE_MS);
	deliver(http);
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	deliver(http);
}

/* CURLMOPT_TIMERFUNCTION. The timer is never cancelled but set far ahead: to move one that is set needs no
 * memory, so that this cannot fail. */
static int
set_timer(CURLM *multi, long wait_ms, void *cookie)
{
	struct http *http = cookie;
	(void)multi;
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
	if (!loop_timer_set(http->loop, &http->timer, clock_mono_ms() + IDLE_MS)) {
		curl_multi_cleanup(http->multi);
		http->multi = NULL;
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
	if (!exchange_set(x, request) || curl_multi_add_handle(http->multi, x->easy) != CURLM_OK) {
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
