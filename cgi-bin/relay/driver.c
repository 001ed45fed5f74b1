/* The loop that writes all creations down and holds all conversations with the upstream. Creations that come
 * in one turn of the loop share one durable commit, and no two writers of this program compete. A client that
 * hangs up changes nothing: its submission goes on, only the answer has nowhere to go. A stop lets the
 * submissions under way end, within shutdown_grace; what is then still open is cut off, and the row says that
 * nobody knows. */
#include "driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/call.h"
#include "api/create_input.h"
#include "api/deferred_reply.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "domain/task/submit.h"
#include "model/task.h"
#include "store/store.h"
#include "upstream/http/client.h"

enum { STOP_READERS_MS = 5000 }; /* how long a stop waits for slow readers of the last answers */

struct driver {
	const struct config *config;
	struct arena *lasting; /* of the paths */
	struct loop *loop;
	struct park *park;
	struct http *http;
	struct store *store; /* of the loop's thread */
	struct channels *channels;
	struct submitter *submitter;
	struct job *fresh, **fresh_end; /* whose tasks are still to be made, in order of coming */
	struct loop_timer flush;
	struct loop_task stop;
	int64_t stop_by; /* clock_mono_ms(); 0 = nobody has asked */
	char owner[IDS_SHORT_SIZE];
};

/* One call, from the accepting thread to the answer, and its submissions. */
struct job;

struct submission {
	struct job *job;
	struct item *item;
};

struct job {
	struct loop_task task;
	struct job *next; /* among the fresh */
	struct driver *driver;
	struct arena *arena; /* of all that follows */
	struct deferred_reply deferred;
	const char *client; /* its address */
	int64_t user_id;
	struct parked *parked; /* NULL where memory was short for it */
	driver_answer *answer;
	struct item *items;
	size_t count;
	size_t waiting; /* submissions under way, and one for whoever is looking at the job */
};

static void
job_free(struct job *job)
{
	deferred_reply_done(&job->deferred);
	arena_free(job->arena);
	free(job);
}

/* ---- the client ---- */

/* One submission less to wait for; the last one answers. */
static void
release(struct job *job)
{
	struct request request;
	struct reply reply;
	if (--job->waiting > 0)
		return;
	if (job->parked != NULL) {
		reply_init(&reply);
		deferred_reply_send(&job->deferred, &request, &reply);
		request.arena = job->arena;
		job->answer(&request, &reply, job->items, job->count, job->deferred.lang);
		log_line(reply.status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		         "request=%s client=%s user=%" PRId64 " status=%d ms=%" PRId64 " code=%s", request.id,
		         job->client, job->user_id, reply.status, clock_mono_ms() - request.started_ms,
		         job->count == 1 ? err_word(job->items[0].err) : "-");
		park_answer(job->driver->park, job->parked, &reply);
		reply_done(&reply);
	}
	job_free(job);
}

/* ---- the submissions ---- */

static void
on_submitted(void *cookie, const struct submit_end *end)
{
	struct submission *submission = cookie;
	struct item *item = submission->item;
	item->err = end->err;
	if (end->err == ERR_OK && !task_copy(submission->job->arena, end->task, &item->task))
		item->err = ERR_NO_MEMORY;
	release(submission->job);
}

static void
start(struct job *job, struct item *item)
{
	struct submission *submission = arena_alloc(job->arena, sizeof(*submission));
	if (submission == NULL) {
		item->err = ERR_NO_MEMORY;
		return;
	}
	*submission = (struct submission){job, item};
	job->waiting++;
	if (submit_start(job->driver->submitter, &item->task, on_submitted, submission))
		return;
	item->err = ERR_NO_MEMORY;
	job->waiting--;
}

/* All tasks of the job are there, or cannot be. */
static void
drive(struct job *job)
{
	job->waiting = 1;
	for (size_t i = 0; i < job->count; i++)
		if (job->items[i].drive)
			start(job, &job->items[i]);
	release(job);
}

/* ---- the creations ---- */

static bool
has_input(const struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->items[i].input != NULL)
			return true;
	return false;
}

/* What has become of an order. */
static void
take_result(const struct driver *driver, struct item *item, const struct create_order *order)
{
	item->task = order->result.task;
	item->err = order->err;
	item->replayed = order->result.replayed;
	item->wait_ms = order->result.wait_ms;
	item->twin = order->result.twin && item->input->client_request_id == NULL;
	item->drive =
	    order->err == ERR_OK && !item->replayed && order->result.task.state == TASK_STATE_SENDING;
	/* Uncertain: the row may be there, and need it. */
	if (item->replayed || (order->err != ERR_OK && order->err != ERR_UNCERTAIN))
		create_input_drop(driver->config->data, item->input);
}

static void
log_created(const struct job *job, const struct item *item)
{
	const struct task *source = item->input->source;
	if (item->err == ERR_OK && !item->replayed)
		log_info("task=%s done=created request=%s client=%s user=%" PRId64
		         " channel=%s model=%s source=%s state=%s",
		         item->task.video_id, job->deferred.request_id, job->client, job->user_id,
		         item->task.channel, item->task.model, source != NULL ? source->video_id : "-",
		         task_state_word(item->task.state));
}

/* Makes the tasks of the jobs, `orders` of them. */
static void
create_batch(struct driver *driver, struct job *jobs, size_t orders)
{
	struct domain_env env = driver_env(driver, driver->store);
	struct create_order *batch = calloc(orders, sizeof(*batch));
	struct job *next;
	size_t n = 0;
	for (struct job *job = jobs; job != NULL && batch != NULL; job = job->next)
		for (size_t i = 0; i < job->count; i++)
			if (job->items[i].input != NULL)
				batch[n++] =
				    (struct create_order){.input = job->items[i].input, .arena = job->arena};
	if (batch != NULL)
		create_tasks(&env, batch, n);
	n = 0;
	for (struct job *job = jobs; job != NULL; job = next) {
		static const struct create_order no_memory = {.err = ERR_NO_MEMORY, .result.twin = true};
		next = job->next;
		for (size_t i = 0; i < job->count; i++)
			if (job->items[i].input != NULL) {
				take_result(driver, &job->items[i], batch != NULL ? &batch[n++] : &no_memory);
				log_created(job, &job->items[i]);
			}
		drive(job);
	}
	free(batch);
}

static void
on_flush(void *cookie)
{
	struct driver *driver = cookie;
	struct job *jobs = driver->fresh;
	size_t orders = 0;
	driver->fresh = NULL;
	driver->fresh_end = &driver->fresh;
	for (struct job *job = jobs; job != NULL; job = job->next)
		for (size_t i = 0; i < job->count; i++)
			orders += job->items[i].input != NULL;
	if (jobs != NULL)
		create_batch(driver, jobs, orders);
}

static void
on_job(void *cookie)
{
	struct job *job = cookie;
	struct driver *driver = job->driver;
	job->parked = park_add(driver->park, job->deferred.conn, 0, 0, 0);
	if (!has_input(job)) {
		drive(job);
		return;
	}
	*driver->fresh_end = job;
	driver->fresh_end = &job->next;
	loop_timer_set(driver->loop, &driver->flush, clock_mono_ms());
}

/* ---- taking a call over ---- */

static bool
copy_input(struct arena *arena, struct item *item)
{
	struct create_input *input = arena_alloc(arena, sizeof(*input));
	if (input == NULL || !create_input_copy(arena, item->input, input))
		return false;
	item->input = input;
	return true;
}

static bool
copy_items(struct job *job, const struct item *items, size_t count)
{
	job->items = arena_alloc(job->arena, count * sizeof(*items));
	if (job->items == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		job->items[i] = items[i];
		job->items[i].label = arena_strdup(job->arena, items[i].label);
		if (items[i].input != NULL && !copy_input(job->arena, &job->items[i]))
			return false;
		if (items[i].input == NULL && items[i].err == ERR_OK &&
		    !task_copy(job->arena, &items[i].task, &job->items[i].task))
			return false;
	}
	job->count = count;
	return !arena_failed(job->arena);
}

bool
driver_take(struct driver *driver, struct call *call, const struct item *items, size_t count,
            driver_answer *answer)
{
	struct job *job = calloc(1, sizeof(*job));
	if (job == NULL)
		return false;
	job->task = (struct loop_task){.fn = on_job, .cookie = job};
	job->driver = driver;
	job->answer = answer;
	job->arena = arena_new();
	job->user_id = call->user->id;
	job->client = job->arena != NULL ? arena_strdup(job->arena, call->request->remote_addr) : NULL;
	if (job->client == NULL || !copy_items(job, items, count) ||
	    !deferred_reply_take(call, &job->deferred)) {
		job_free(job);
		return false;
	}
	loop_post(driver->loop, &job->task);
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
	driver->fresh_end = &driver->fresh;
	driver->flush = (struct loop_timer){.fn = on_flush, .cookie = driver};
	driver->stop = (struct loop_task){.fn = on_stop, .cookie = driver};
	ids_short(driver->owner);
	driver->lasting = arena_new();
	driver->loop = loop_new();
	if (driver->lasting == NULL || driver->loop == NULL)
		goto failed;
	driver->park = park_new(driver->loop, NULL, NULL);
	driver->http = http_new(driver->loop, 0);
	if (driver->park == NULL || driver->http == NULL)
		goto failed;
	driver->channels = channels_open_installed(config, ret_why, why_size);
	if (driver->channels == NULL)
		goto failed;
	snprintf(ret_why, why_size, "the database cannot be opened");
	if (store_open(config->data, STORE_WRITE, &driver->store) != ERR_OK)
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
	store_close(driver->store);
	loop_free(driver->loop);
	arena_free(driver->lasting);
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
	};
}
