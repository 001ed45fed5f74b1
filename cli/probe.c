/* The probe. The socket listens before lighttpd runs, so the first request simply waits; another one is
 * needed only where lighttpd answers before the program behind it can. */
#include "probe.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/loop.h"
#include "listen.h"

enum { AGAIN_MS = 50, HEAD_MAX = 16 };

struct probe {
	struct loop *loop;
	int listener;
	void (*ready)(void *cookie);
	void *cookie;
	struct loop_watch watch; /* watch.fd -1 = not connected */
	struct loop_timer timer; /* the next request */
	bool sent;
	size_t len;
	char head[HEAD_MAX]; /* the beginning of the answer */
};

static void
disconnect(struct probe *probe)
{
	if (probe->watch.fd < 0)
		return;
	loop_remove(probe->loop, &probe->watch);
	close(probe->watch.fd);
	probe->watch.fd = -1;
}

static void
retry_later(struct probe *probe)
{
	disconnect(probe);
	loop_timer_set(probe->loop, &probe->timer, clock_mono_ms() + AGAIN_MS);
}

static bool
send_request(struct probe *probe)
{
	static const char request[] = "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n";

	if (write(probe->watch.fd, request, sizeof(request) - 1) != (ssize_t)sizeof(request) - 1)
		return false;
	probe->sent = true;
	return loop_change(probe->loop, &probe->watch, LOOP_READ);
}

/* Reads the beginning of the answer. False where it is complete, or none will come. */
static bool
read_answer(struct probe *probe)
{
	ssize_t got = read(probe->watch.fd, probe->head + probe->len, sizeof(probe->head) - probe->len);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	probe->len += (size_t)got;
	return got > 0 && probe->len < sizeof(probe->head);
}

static void
on_event(void *cookie, unsigned events)
{
	struct probe *probe = cookie;

	(void)events;
	if (probe->sent ? read_answer(probe) : send_request(probe))
		return;
	if (probe->len >= 12 && memcmp(probe->head + 8, " 200", 4) == 0) {
		disconnect(probe);
		probe->ready(probe->cookie);
	} else {
		retry_later(probe);
	}
}

static void
on_timer(void *cookie)
{
	struct probe *probe = cookie;

	probe->sent = false;
	probe->len = 0;
	probe->watch.fd = listen_connect(probe->listener);
	if (probe->watch.fd < 0) {
		retry_later(probe);
	} else if (!loop_add(probe->loop, &probe->watch, LOOP_WRITE)) {
		close(probe->watch.fd);
		probe->watch.fd = -1;
		retry_later(probe);
	}
}

struct probe *
probe_start(struct loop *loop, struct arena *arena, int listener, void (*ready)(void *cookie), void *cookie)
{
	struct probe *probe = arena_alloc(arena, sizeof(*probe));

	if (probe == NULL)
		return NULL;
	probe->loop = loop;
	probe->listener = listener;
	probe->ready = ready;
	probe->cookie = cookie;
	probe->watch = (struct loop_watch){.fd = -1, .fn = on_event, .cookie = probe};
	probe->timer = (struct loop_timer){.fn = on_timer, .cookie = probe};
	return loop_timer_set(loop, &probe->timer, clock_mono_ms()) ? probe : NULL;
}

void
probe_stop(struct probe *probe)
{
	if (probe == NULL)
		return;
	disconnect(probe);
	loop_timer_cancel(probe->loop, &probe->timer);
}
