/* Answers that wait: see hold.h. */
#include "delay.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "web/park.h"
#include "web/reply.h"

enum { LAST_MS = 2000 /* how long a stop waits for slow readers */ };

struct hold {
	struct loop *loop;
	struct park *park;
	struct loop_task stop;
	pthread_t thread;
	bool started;
};

struct held {
	struct loop_task task;
	struct hold *hold;
	struct park_conn conn;
	struct reply reply;
	int64_t until_ms; /* clock_mono_ms() */
};

static void
held_free(struct held *held)
{
	reply_done(&held->reply);
	free(held);
}

/* Sends what waits there. */
static void
release(struct park *park, struct parked *parked)
{
	struct held *held = *(struct held **)park_extra(parked);

	park_answer(park, parked, &held->reply);
	held_free(held);
}

static void
on_end(struct parked *parked, void *cookie)
{
	struct hold *hold = cookie;

	release(hold->park, parked);
}

static void
on_held(void *cookie)
{
	struct held *held = cookie;
	struct parked *parked =
	    park_add(held->hold->park, held->conn, 0, held->until_ms, sizeof(struct held *));

	if (parked)
		*(struct held **)park_extra(parked) = held;
	else
		held_free(held);
}

static void
on_stop(void *cookie)
{
	struct hold *hold = cookie;

	loop_stop(hold->loop);
}

struct hold *
hold_new(void)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	if (hold == NULL)
		return NULL;
	hold->stop = (struct loop_task){.fn = on_stop, .cookie = hold};
	hold->loop = loop_new();
	hold->park = hold->loop ? park_new(hold->loop, on_end, hold) : NULL;
	if (hold->park)
		return hold;
	loop_free(hold->loop);
	free(hold);
	return NULL;
}

static void *
run(void *cookie)
{
	struct hold *hold = cookie;

	loop_run(hold->loop);
	return NULL;
}

bool
hold_start(struct hold *hold)
{
	errno = pthread_create(&hold->thread, NULL, run, hold);
	hold->started = errno == 0;
	return hold->started;
}

bool
hold_take(struct hold *hold, struct request *request, struct reply *reply, int64_t delay_ms)
{
	struct held *held = calloc(1, sizeof(*held));

	if (held == NULL)
		return false;
	held->task = (struct loop_task){.fn = on_held, .cookie = held};
	held->hold = hold;
	held->until_ms = clock_mono_ms() + delay_ms;
	held->conn = park_detach(request, reply);
	held->reply = *reply;
	held->reply.detached = false;
	reply_init(reply);
	reply->detached = true;
	loop_post(hold->loop, &held->task);
	return true;
}

void
hold_finish(struct hold *hold)
{
	struct parked *parked;

	if (hold == NULL)
		return;
	if (hold->started) {
		loop_post(hold->loop, &hold->stop); /* after all that was posted before */
		pthread_join(hold->thread, NULL);
		while ((parked = park_any(hold->park)))
			release(hold->park, parked);
	}
	loop_once(hold->loop, 0); /* what was posted on this thread is parked now */
	int64_t end = clock_mono_ms() + LAST_MS;
	while (park_total(hold->park) > 0 && (!hold->started || clock_mono_ms() < end))
		loop_once(hold->loop, hold->started ? end - clock_mono_ms() : -1);
	park_free(hold->park);
	loop_free(hold->loop);
	free(hold);
}
