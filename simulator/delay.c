/* Delayed answers: see delay.h. */
#include "delay.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "web/park.h"
#include "web/reply.h"

enum { LAST_MS = 2000 /* for slow readers, at a stop */ };

struct delay {
	struct loop *loop;
	struct park *park;
	struct loop_task stop;
	pthread_t thread;
	bool started;
};

struct delayed {
	struct loop_task task;
	struct delay *delay;
	struct park_conn conn;
	struct reply reply;
	int64_t until_ms; /* clock_mono_ms() */
};

static void
delayed_free(struct delayed *delayed)
{
	reply_done(&delayed->reply);
	free(delayed);
}

/* Sends the answer that is due to a parked client. */
static void
send_delayed(struct park *park, struct parked *parked)
{
	struct delayed *delayed = *(struct delayed **)park_extra(parked);

	park_answer(park, parked, &delayed->reply);
	delayed_free(delayed);
}

static void
on_end(struct parked *parked, void *cookie)
{
	struct delay *delay = cookie;

	send_delayed(delay->park, parked);
}

static void
on_delayed(void *cookie)
{
	struct delayed *delayed = cookie;
	struct parked *parked =
	    park_add(delayed->delay->park, delayed->conn, 0, delayed->until_ms, sizeof(struct delayed *));

	if (parked)
		*(struct delayed **)park_extra(parked) = delayed;
	else
		delayed_free(delayed);
}

static void
on_stop(void *cookie)
{
	struct delay *delay = cookie;

	loop_stop(delay->loop);
}

struct delay *
delay_new(void)
{
	struct delay *delay = calloc(1, sizeof(*delay));

	if (delay == NULL)
		return NULL;
	delay->stop = (struct loop_task){.fn = on_stop, .cookie = delay};
	delay->loop = loop_new();
	delay->park = delay->loop ? park_new(delay->loop, on_end, delay) : NULL;
	if (delay->park)
		return delay;
	loop_free(delay->loop);
	free(delay);
	return NULL;
}

static void *
run(void *cookie)
{
	struct delay *delay = cookie;

	loop_run(delay->loop);
	return NULL;
}

bool
delay_start(struct delay *delay)
{
	errno = pthread_create(&delay->thread, NULL, run, delay);
	delay->started = errno == 0;
	return delay->started;
}

bool
delay_reply(struct delay *delay, struct request *request, struct reply *reply, int64_t delay_ms)
{
	struct delayed *delayed = calloc(1, sizeof(*delayed));

	if (delayed == NULL)
		return false;
	delayed->task = (struct loop_task){.fn = on_delayed, .cookie = delayed};
	delayed->delay = delay;
	delayed->until_ms = clock_mono_ms() + delay_ms;
	delayed->conn = park_detach(request, reply);
	delayed->reply = *reply;
	delayed->reply.detached = false;
	reply_init(reply);
	reply->detached = true;
	loop_post(delay->loop, &delayed->task);
	return true;
}

void
delay_finish(struct delay *delay)
{
	struct parked *parked;

	if (delay == NULL)
		return;
	if (delay->started) {
		loop_post(delay->loop, &delay->stop); /* after all that was posted before */
		pthread_join(delay->thread, NULL);
		while ((parked = park_any(delay->park)))
			send_delayed(delay->park, parked);
	}
	loop_once(delay->loop, 0); /* parks what was posted on this thread */
	int64_t end = clock_mono_ms() + LAST_MS;
	while (park_total(delay->park) > 0 && (!delay->started || clock_mono_ms() < end))
		loop_once(delay->loop, delay->started ? end - clock_mono_ms() : -1);
	park_free(delay->park);
	loop_free(delay->loop);
	free(delay);
}
