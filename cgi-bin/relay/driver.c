/* The loop that creates all tasks and holds all exchanges with upstreams. Creations that come in one turn of
 * the loop share one durable commit, and no two writers of this program compete. A client that hangs up
 * changes nothing: its submission goes on, only the answer has nowhere to go. A stop lets the submissions
 * under way end, within shutdown_grace; what is then still open is cut off, and its row becomes unsure. */
#include "driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/create_input.h"
#include "api/deferred_reply.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "domain/task/submit.h"
#include "domain/video/link.h"
#include "model/task.h"
#include "store/store.h"
#include "upstream/http/client.h"

enum {
	STOP_READERS_MS = 5000, /* how long a stop waits for slow readers of the last answers */
	OWED_MOST_MS = 1000     /* how long creations wait at most where the database is outrun: then all that
	                           came meanwhile are one commit */
};

struct driver {
	const struct config *config;
	struct loop *loop;
	struct park *park;
	struct http *http;
	struct store *store; /* of the loop's thread */
	struct channels *channels;
	struct links *links;
	struct submitter *submitter;
	struct handoff *fresh, **fresh_end;        /* calls with tasks to be created, in order of arrival */
	struct create_order *orders, **orders_end; /* these tasks */
	struct loop_timer flush;
	int64_t flush_at; /* clock_mono_ms(); 0 = it is not set */
	struct loop_task stop;
	int64_t stop_by; /* clock_mono_ms(); set by a stop */
	char owner[IDS_SHORT_SIZE];
};

/* One call that has been handed off: from the accepting thread to the answer. */
struct handoff {
	struct loop_task task;
	struct handoff *next; /* among the fresh */
	struct driver *driver;
	struct arena *arena; /* of all that follows */
	struct deferred_reply deferred;
	const char *client; /* its address */
	int64_t user_id;
	struct parked *parked; /* NULL where memory was short for it */
	driver_answer *answer;
	struct creation *creations;
	size_t count;
	size_t open; /* submissions under way, and one while submit_all() runs */
};

static void
handoff_free(struct handoff *handoff)
{
	deferred_reply_done(&handoff->deferred);
	arena_free(handoff->arena);
	free(handoff);
}

/* ---- the client ---- */

static void
answer_client(struct handoff *handoff)
{
	struct request request;
	struct reply reply;
	reply_init(&reply);
	deferred_reply_begin(&handoff->deferred, &request, &reply);
	request.arena = handoff->arena;
	enum err_code code =
	    handoff->answer(&request, &reply, handoff->creations, handoff->count, handoff->deferred.lang);
	log_line(reply.status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
	         "request=%s client=%s user=%" PRId64 " status=%d ms=%" PRId64 " code=%s", request.id,
	         handoff->client, handoff->user_id, reply.status, clock_mono_ms() - request.started_ms,
	         err_word(code));
	park_answer(handoff->driver->park, handoff->parked, &reply);
	reply_done(&reply);
}

/* Counts one submission less to wait for; the last one answers. */
static void
close_one(struct handoff *handoff)
{
	if (--handoff->open > 0)
		return;
	if (handoff->parked != NULL)
		answer_client(handoff);
	handoff_free(handoff);
}

/* ---- the submissions ---- */

static void
on_submitted(void *cookie, enum err_code err)
{
	struct creation *creation = cookie;
	creation->order.err = err;
	close_one(creation->handoff);
}

static void
submit_one(struct creation *creation)
{
	struct handoff *handoff = creation->handoff;
	handoff->open++;
	if (submit_start(handoff->driver->submitter, handoff->arena, &creation->order.task, on_submitted,
	                 creation))
		return;
	creation->order.err = ERR_NO_MEMORY;
	handoff->open--;
}

/* All tasks of the call are created, or cannot be. */
static void
submit_all(struct handoff *handoff)
{
	handoff->open = 1;
	for (size_t i = 0; i < handoff->count; i++)
		if (handoff->creations[i].submit)
			submit_one(&handoff->creations[i]);
	close_one(handoff);
}

/* ---- the creations ---- */

static void
forget_fresh(struct driver *driver)
{
	driver->fresh = NULL;
	driver->fresh_end = &driver->fresh;
	driver->orders = NULL;
	driver->orders_end = &driver->orders;
}

static void
on_created(const struct driver *driver, struct creation *creation)
{
	const struct handoff *handoff = creation->handoff;
	const struct create_order *order = &creation->order;
	const struct task *task = &order->task, *source = order->input->source;
	bool created = order->err == ERR_OK && !order->replayed;
	creation->submit = created && task->state == TASK_STATE_SENDING;
	/* Uncertain: the row may be there, and need the image. */
	if (!created && order->err != ERR_UNCERTAIN)
		create_input_drop(driver->config->data, order->input);
	if (created)
		log_info("task=%s done=created request=%s client=%s user=%" PRId64
		         " channel=%s model=%s source=%s state=%s",
		         task->video_id, handoff->deferred.request_id, handoff->client, handoff->user_id,
		         task->channel, task->model, source != NULL ? source->video_id : "-",
		         task_state_word(task->state));
}

static void
on_flush(void *cookie)
{
	struct driver *driver = cookie;
	struct domain_env env = driver_env(driver, driver->store);
	struct handoff *batch = driver->fresh, *next;
	driver->flush_at = 0;
	create_tasks(&env, driver->orders);
	forget_fresh(driver);
	for (struct handoff *handoff = batch; handoff != NULL; handoff = next) {
		next = handoff->next;
		for (size_t i = 0; i < handoff->count; i++)
			if (handoff->creations[i].order.input != NULL)
				on_created(driver, &handoff->creations[i]);
		submit_all(handoff);
	}
}

/* True where a task is to be created for the call. */
static bool
append_orders(struct driver *driver, struct handoff *handoff)
{
	bool any = false;
	for (size_t i = 0; i < handoff->count; i++) {
		struct create_order *order = &handoff->creations[i].order;
		if (order->input == NULL)
			continue;
		*driver->orders_end = order;
		driver->orders_end = &order->next;
		any = true;
	}
	return any;
}

static void
on_handoff(void *cookie)
{
	struct handoff *handoff = cookie;
	struct driver *driver = handoff->driver;
	handoff->parked = park_add(driver->park, handoff->deferred.conn, 0, 0, 0);
	if (!append_orders(driver, handoff)) {
		submit_all(handoff);
		return;
	}
	*driver->fresh_end = handoff;
	driver->fresh_end = &handoff->next;
	if (driver->flush_at == 0) {
		int64_t owed = store_owed(driver->store);
		driver->flush_at = clock_mono_ms() + (owed < OWED_MOST_MS ? owed : OWED_MOST_MS);
		if (!loop_timer_set(driver->loop, &driver->flush, driver->flush_at))
			driver->flush_at = 0; /* the next one tries again */
	}
}

/* ---- taking a call over ---- */

static bool
copy_creation(struct handoff *handoff, const struct creation *from, struct creation *to)
{
	struct arena *arena = handoff->arena;
	*to = *from;
	to->handoff = handoff;
	to->order.arena = arena;
	to->label = arena_strdup(arena, from->label);
	if (from->order.input == NULL)
		return from->order.err != ERR_OK || task_copy(arena, &from->order.task, &to->order.task);
	struct create_input *input = arena_alloc(arena, sizeof(*input));
	to->order.input = input;
	return input != NULL && create_input_copy(arena, from->order.input, input);
}

static bool
copy_creations(struct handoff *handoff, const struct creation *creations, size_t count)
{
	handoff->creations = arena_alloc(handoff->arena, count * sizeof(*creations));
	if (handoff->creations == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!copy_creation(handoff, &creations[i], &handoff->creations[i]))
			return false;
	handoff->count = count;
	return !arena_failed(handoff->arena);
}

bool
driver_take_call(struct driver *driver, struct call *call, const struct creation *creations, size_t count,
                 driver_answer *answer)
{
	struct handoff *handoff = calloc(1, sizeof(*handoff));
	if (handoff == NULL)
		return false;
	handoff->task = (struct loop_task){.fn = on_handoff, .cookie = handoff};
	handoff->driver = driver;
	handoff->answer = answer;
	handoff->arena = arena_new();
	handoff->user_id = call->user->id;
	handoff->client =
	    handoff->arena != NULL ? arena_strdup(handoff->arena, call->request->remote_addr) : NULL;
	if (handoff->client == NULL || !copy_creations(handoff, creations, count) ||
	    !deferred_reply_init(call, &handoff->deferred)) {
		handoff_free(handoff);
		return false;
	}
	loop_post(driver->loop, &handoff->task);
	return true;
}

/* ---- life ---- */

static bool
idle(const struct driver *driver)
{
	return driver->fresh == NULL && submit_active(driver->submitter) == 0 &&
	       park_total(driver->park) == 0;
}

static void
on_stop(void *cookie)
{
	struct driver *driver = cookie;
	driver->stop_by = clock_mono_ms() + driver->config->shutdown_grace;
	loop_stop(driver->loop);
}

void *
driver_open(const struct config *config, char *ret_why, size_t why_size)
{
	struct driver *driver = calloc(1, sizeof(*driver));
	snprintf(ret_why, why_size, "memory is short");
	if (driver == NULL)
		return NULL;
	driver->config = config;
	forget_fresh(driver);
	driver->flush = (struct loop_timer){.fn = on_flush, .cookie = driver};
	driver->stop = (struct loop_task){.fn = on_stop, .cookie = driver};
	ids_short(driver->owner);
	driver->loop = loop_new();
	if (driver->loop == NULL)
		goto failed;
	driver->park = park_new(driver->loop, NULL, NULL);
	driver->http = http_new(driver->loop, 0);
	if (driver->park == NULL || driver->http == NULL)
		goto failed;
	driver->links = links_open(config);
	if (driver->links == NULL) {
		snprintf(ret_why, why_size, "%s/link.key: %s", config->data, strerror(errno));
		goto failed;
	}
	driver->channels = channels_open_installed(config, ret_why, why_size);
	if (driver->channels == NULL)
		goto failed;
	snprintf(ret_why, why_size, "the database cannot be opened");
	if (store_open(config->data, STORE_WRITE_LOOP, &driver->store) != ERR_OK)
		goto failed;
	struct domain_env env = driver_env(driver, driver->store);
	driver->submitter = submit_new(&env);
	if (driver->submitter == NULL)
		goto failed;
	return driver;
failed:
	driver_close(driver);
	return NULL;
}

void
driver_run(void *state, bool until_idle)
{
	struct driver *driver = state;
	if (until_idle) {
		loop_once(driver->loop, 0);
		while (!idle(driver))
			loop_once(driver->loop, -1);
		return;
	}
	loop_run(driver->loop);
	while (!idle(driver) && clock_mono_ms() < driver->stop_by)
		loop_once(driver->loop, driver->stop_by - clock_mono_ms());
	if (submit_active(driver->submitter) > 0)
		log_warn("%zu submissions are cut off by the stop", submit_active(driver->submitter));
	http_free(driver->http);
	driver->http = NULL;
	int64_t end = clock_mono_ms() + STOP_READERS_MS;
	while (!idle(driver) && clock_mono_ms() < end)
		loop_once(driver->loop, end - clock_mono_ms());
}

void
driver_stop(void *state)
{
	struct driver *driver = state;
	loop_post(driver->loop, &driver->stop);
}

void
driver_close(void *state)
{
	struct driver *driver = state;
	if (driver == NULL)
		return;
	http_free(driver->http);
	submit_free(driver->submitter);
	park_free(driver->park);
	channels_close(driver->channels);
	links_close(driver->links);
	store_close(driver->store);
	loop_free(driver->loop);
	free(driver);
}

struct domain_env
driver_env(const struct driver *driver, struct store *store)
{
	return (struct domain_env){
	    .config = driver->config,
	    .channels = driver->channels,
	    .owner = driver->owner,
	    .store = store,
	    .loop = driver->loop,
	    .http = driver->http,
	    .links = driver->links,
	};
}
