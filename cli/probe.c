/* The probe. The socket listens before lighttpd runs, so the first question simply waits to be taken; another
 * one is only needed where lighttpd answers before the program behind it can. */
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
	struct loop_watch watch; /* watch.fd -1 = not asking */
	struct loop_timer timer; /* the next question */
	bool asked;
	size_t len;
	char head[HEAD_MAX]; /* the beginning of the answer */
};

static void
hang_up(struct probe *probe)
{
	if (probe->watch.fd < 0)
		return;
	loop_remove(probe->loop, &probe->watch);
	close(probe->watch.fd);
	probe->watch.fd = -1;
}

static void
ask_later(struct probe *probe)
{
	hang_up(probe);
	loop_timer_set(probe->loop, &probe->timer, clock_mono_ms() + AGAIN_MS);
}

static bool
ask(struct probe *probe)
{
	static const char question[] = "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n";

	if (write(probe->watch.fd, question, sizeof(question) - 1) != (ssize_t)sizeof(question) - 1)
		return false;
	probe->asked = true;
	return loop_change(probe->loop, &probe->watch, LOOP_READ);
}

/* Reads the beginning of the answer. False where there will be none. */
static bool
listen_to(struct probe *probe)
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
	if (probe->asked ? listen_to(probe) : ask(probe))
		return;
	if (probe->len >= 12 && memcmp(probe->head + 8, " 200", 4) == 0) {
		hang_up(probe);
		probe->ready(probe->cookie);
	} else {
		ask_later(probe);
	}
}

static void
on_timer(void *cookie)
{
	struct probe *probe = cookie;

	probe->asked = false;
	probe->len = 0;
	probe->watch.fd = listen_connect(probe->listener);
	if (probe->watch.fd < 0) {
		ask_later(probe);
	} else if (!loop_add(probe->loop, &probe->watch, LOOP_WRITE)) {
		close(probe->watch.fd);
		probe->watch.fd = -1;
		ask_later(probe);
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
	hang_up(probe);
	loop_timer_cancel(probe->loop, &probe->timer);
}
