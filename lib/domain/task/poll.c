/* Drives polls: many questions under way at once, their answers judged one by one (poll_outcome.c) and
 * written in batches, as a commit costs more than a judgement. A batch may be lost with the process: the
 * leases run out, and the tasks are polled again. */
#include "domain/task/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/channel/queue.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/facts.h"
#include "domain/task/poll_outcome.h"
#include "domain/task/schedule.h"
#include "domain/task/transition.h"
#include "store/store.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/http/client.h"

enum {
	BATCH_MS = 5,     /* between two transactions at least: what is decided meanwhile shares the next */
	BATCH_MOST = 100, /* decisions in one transaction */
	UNCONFIGURED = 60000, /* ms between looks at a task whose channel is gone from the configuration */
	STRANGE_WORDS = 16,   /* that are told apart in the log */
	STRANGE_WORD_SIZE = 32
};

struct poll {
	struct poll_driver *driver;
	struct poll *next; /* among the decided */
	struct arena *arena;
	const struct channel *channel;
	struct task task;
	struct queue_entry place; /* in the queue of its channel */
	int64_t since;            /* when our lease began */
	bool asked;               /* else nothing was sent, and `answer` says why */
	struct poll_answer answer;
	struct poll_outcome outcome;
};

struct poll_driver {
	struct domain_env env;
	struct poll *decided, **decided_end;
	size_t decided_count, active;
	bool abandoned;
	int64_t flushed_at; /* clock_mono_ms() of the last transaction's end */
	struct loop_timer flush;
	char strange_words[STRANGE_WORDS][STRANGE_WORD_SIZE]; /* unknown status words that were logged */
	size_t strange_count;
};

static void
poll_free(struct poll *poll)
{
	if (poll == NULL)
		return;
	channel_release(poll->channel);
	arena_free(poll->arena);
	free(poll);
}

/* ---- writing ---- */

/* Makes the move, or returns the lease. Where another process has taken over, nothing is to be done. */
static enum err_code
write_one(struct store *store, struct poll *poll)
{
	struct poll_outcome *outcome = &poll->outcome;
	struct task *task = &poll->task;
	enum err_code err;
	if (outcome->moves) {
		err = transition(store, outcome->edge, &outcome->change, task);
	} else {
		task->tries = outcome->change.tries;
		task->not_found_count = outcome->change.not_found_count;
		err = lease_return(store, task, outcome->change.due_at);
	}
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND)
		return err;
	outcome->moves = false;
	return ERR_OK;
}

/* Notes what the polls of the batch have shown of the channel. */
static enum err_code
write_health(const struct domain_env *env, const struct poll *batch, const struct channel *channel)
{
	struct health_polls polls = {0};
	for (const struct poll *p = batch; p != NULL; p = p->next) {
		if (!p->asked || strcmp(p->channel->name, channel->name) != 0)
			continue;
		polls.works = polls.works || p->answer.verdict == POLL_NEWS;
		polls.lost = polls.lost || p->answer.lost;
		polls.failed = polls.failed || p->answer.fault;
		if (p->answer.verdict == POLL_THROTTLED && p->answer.retry_after_ms > polls.retry_after)
			polls.retry_after = p->answer.retry_after_ms;
	}
	return health_note_polls(env->store, channel->name, &polls);
}

/* True where an earlier poll of the batch was of the same channel. */
static bool
channel_seen(const struct poll *batch, const struct poll *poll)
{
	while (batch != poll &&
	       (batch->channel == NULL || strcmp(batch->channel->name, poll->channel->name) != 0))
		batch = batch->next;
	return batch != poll;
}

static enum err_code
write_batch(const struct domain_env *env, struct poll *batch)
{
	bool durable = false;
	for (const struct poll *p = batch; p != NULL; p = p->next)
		durable = durable || (p->outcome.moves && state_edge(p->outcome.edge)->durable);
	enum err_code err = store_begin(env->store, durable ? STORE_DURABLE : STORE_RELAXED);
	for (struct poll *p = batch; p != NULL && err == ERR_OK; p = p->next)
		err = write_one(env->store, p);
	for (const struct poll *p = batch; p != NULL && err == ERR_OK; p = p->next)
		if (p->channel != NULL && !channel_seen(batch, p))
			err = write_health(env, batch, p->channel);
	kill_point("refresh.decided");
	err = store_end(env->store, err);
	kill_point("refresh.written");
	return err;
}

static void
log_end(const struct poll *poll)
{
	const struct task *task = &poll->task;
	if (poll->outcome.moves && task_state_terminal(task->state))
		log_info("task ended: task=%s state=%s code=%s", task->video_id, task_state_word(task->state),
		         task->error_code != NULL ? task->error_code : "-");
}

static void
flush(struct poll_driver *driver)
{
	struct poll *batch = driver->decided, *next;
	driver->decided = NULL;
	driver->decided_end = &driver->decided;
	driver->decided_count = 0;
	loop_timer_cancel(driver->env.loop, &driver->flush);
	if (batch == NULL)
		return;
	enum err_code err = write_batch(&driver->env, batch);
	driver->flushed_at = clock_mono_ms();
	if (err != ERR_OK)
		log_error("polls cannot be written, and will be made again: %s", err_word(err));
	for (struct poll *p = batch; p != NULL; p = next) {
		next = p->next;
		driver->active--;
		if (err == ERR_OK)
			log_end(p);
		poll_free(p);
	}
}

static void
on_flush(void *cookie)
{
	flush(cookie);
}

/* ---- asking ---- */

/* Logs a status word that the dialect does not know, once. */
static void
log_strange_word(struct poll_driver *driver, const struct poll *poll)
{
	char word[STRANGE_WORD_SIZE];
	snprintf(word, sizeof(word), "%s", poll->answer.word);
	for (size_t i = 0; i < driver->strange_count; i++)
		if (strcmp(driver->strange_words[i], word) == 0)
			return;
	if (driver->strange_count == STRANGE_WORDS)
		return;
	memcpy(driver->strange_words[driver->strange_count++], word, sizeof(word));
	log_warn("unknown status word, taken for under way: task=%s word=%s", poll->task.video_id, word);
}

static void
log_answer(struct poll_driver *driver, const struct poll *poll)
{
	const struct poll_answer *answer = &poll->answer;
	const char *why = answer->why != NULL ? answer->why : "-";
	if (answer->verdict == POLL_FAILED && answer->fault) /* of the channel, which has a line of its own */
		log_debug("poll failed: task=%s why=%s", poll->task.video_id, why);
	else if (answer->verdict == POLL_FAILED)
		log_warn("poll failed: task=%s why=%s", poll->task.video_id, why);
	if (answer->verdict == POLL_NEWS && answer->why != NULL)
		log_warn("a job failed by the provider's account: task=%s channel=%s why=%s",
		         poll->task.video_id, poll->task.channel, why);
	if (answer->verdict == POLL_NEWS && answer->status == POLL_NO_VIDEO)
		log_warn("completed without a usable link: task=%s channel=%s", poll->task.video_id,
		         poll->task.channel);
	if (answer->verdict == POLL_NEWS && answer->status == POLL_UNKNOWN_WORD)
		log_strange_word(driver, poll);
}

/* Decides nothing: the task stays as it was, due at `due_at`. */
static void
leave_as_is(struct poll *poll, int64_t due_at)
{
	const struct task *task = &poll->task;
	poll->outcome = (struct poll_outcome){
	    .change = {.due_at = due_at, .tries = task->tries, .not_found_count = task->not_found_count}};
}

/* Has the decision written: at once, with those of this turn of the loop, where none was written lately; else
 * with all that come until BATCH_MS after the last. So few tasks wait for nothing, and many share. */
static void
add_to_batch(struct poll *poll)
{
	struct poll_driver *driver = poll->driver;
	*driver->decided_end = poll;
	driver->decided_end = &poll->next;
	if (++driver->decided_count >= BATCH_MOST)
		flush(driver);
	else if (driver->decided_count == 1)
		loop_timer_set(driver->env.loop, &driver->flush, driver->flushed_at + BATCH_MS);
}

static void
decide(struct poll *poll)
{
	struct poll_driver *driver = poll->driver;
	poll->outcome =
	    poll_outcome(driver->env.config, &poll->task, &poll->answer, clock_wall_ms(), crypto_dice());
	log_answer(driver, poll);
}

/* Has the answer judged, and ends the poll. */
static void
conclude(struct poll *poll)
{
	struct poll_answer *answer = &poll->answer;
	if (answer->verdict == POLL_MISSING && !channel_is_of(poll->channel, &poll->task))
		*answer = (struct poll_answer){
		    .verdict = POLL_FAILED,
		    .why = "it is unknown to the key for new work, and the one that made it is gone"};
	answer->error_code = answer_without_key(poll->channel, answer->error_code);
	answer->error_message = answer_without_key(poll->channel, answer->error_message);
	answer->why = answer_without_key(poll->channel, answer->why);
	const char *job = answer_job(&poll->task, answer, poll->arena);
	facts_translate(poll->channel, &poll->task, poll->arena, &answer->facts);
	decide(poll);
	if (poll->outcome.moves)
		poll->outcome.change.job = job;
	queue_leave(&poll->place);
	add_to_batch(poll);
}

/* The poller stops: another process decides. */
static void
leave(struct poll *poll)
{
	poll->asked = false;
	leave_as_is(poll, clock_wall_ms());
	queue_leave(&poll->place);
	add_to_batch(poll);
}

static void
on_result(void *cookie, const struct http_response *response)
{
	struct poll *poll = cookie;
	if (poll->driver->abandoned) {
		leave(poll);
		return;
	}
	channels_note(poll->driver->env.channels, poll->channel->name, response);
	answer_result(poll->channel->dialect, response, poll->arena, &poll->answer);
	conclude(poll);
}

/* Asks where the video of a job is that is done. False where that cannot be sent within our lease. */
static bool
ask_on(struct poll *poll)
{
	const struct config *config = poll->driver->env.config;
	struct http *http = queue_http(&poll->place);
	struct http_request request;
	int64_t left = poll->since + config->poll_timeout + config->lease_margin / 2 - clock_wall_ms();
	if (http == NULL || left <= 0 ||
	    compose_result(poll->channel, &poll->task, poll->answer.result_id, poll->arena, &request) !=
	        ERR_OK)
		return false;
	request.timeout_ms = left < config->poll_timeout ? left : config->poll_timeout;
	return http_start(http, &request, on_result, poll);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct poll *poll = cookie;
	struct poll_answer *answer = &poll->answer;
	if (poll->driver->abandoned) {
		leave(poll);
		return;
	}
	channels_note(poll->driver->env.channels, poll->channel->name, response);
	answer_poll(poll->channel->dialect, response, poll->arena, answer);
	if (answer->verdict == POLL_NEWS && answer->asks_on) {
		if (ask_on(poll))
			return;
		answer->status = POLL_NO_VIDEO;
	}
	conclude(poll);
}

/* The time until which the upstream is not asked about the task; 0 = it may be asked now. */
static int64_t
ask_after(const struct poll *poll, int64_t now)
{
	int64_t until = 0;
	if (poll->channel == NULL)
		return now + UNCONFIGURED;
	health_until(poll->driver->env.store, poll->channel->name, HEALTH_POLL, NULL, now, &until);
	return until;
}

/* Sends the question. False where that cannot be done. */
static bool
ask(struct poll *poll)
{
	const struct domain_env *env = &poll->driver->env;
	struct http *http = queue_http(&poll->place);
	struct http_request request;
	if (http == NULL || compose_poll(poll->channel, &poll->task, poll->arena, &request) != ERR_OK)
		return false;
	request.timeout_ms = env->config->poll_timeout;
	poll->asked = http_start(http, &request, on_response, poll);
	return poll->asked;
}

/* True where the decision no longer depends on the answer. */
static bool
time_is_over(const struct config *config, const struct task *task, int64_t now)
{
	return now >= task->deadline_at + (task->state == TASK_STATE_RUNNING ? 0 : config->late_window);
}

/* Decides without an answer: a task that cannot be asked about may still have reached its deadline.
 * `cooling`: the time until which its channel is not asked; 0 = the question could not be sent. */
static void
decide_unasked(struct poll *poll, int64_t cooling, int64_t now)
{
	const struct task *task = &poll->task;
	poll->answer = (struct poll_answer){.verdict = POLL_FAILED, .why = "the question cannot be sent"};
	if (cooling == 0 || time_is_over(poll->driver->env.config, task, now))
		decide(poll);
	else
		leave_as_is(poll, task->state == TASK_STATE_RUNNING ? schedule_by_deadline(task, cooling)
		                                                    : cooling);
}

/* Sends the question, unless it was queued for so long that the lease could run out before the answer is
 * written. */
static void
on_turn(void *cookie)
{
	struct poll *poll = cookie;
	const struct poll_driver *driver = poll->driver;
	int64_t now = clock_wall_ms();
	bool late = lease_is_stale(driver->env.config, poll->since, now);
	if (!driver->abandoned && !late && ask(poll))
		return;
	if (driver->abandoned || late)
		leave_as_is(poll, now);
	else
		decide_unasked(poll, 0, now);
	queue_leave(&poll->place);
	add_to_batch(poll);
}

bool
poll_driver_start(struct poll_driver *driver, const struct task *task)
{
	struct poll *poll = calloc(1, sizeof(*poll));
	if (poll == NULL)
		return false;
	poll->arena = arena_new();
	if (poll->arena == NULL || !task_copy(poll->arena, task, &poll->task)) {
		poll_free(poll);
		return false;
	}
	poll->driver = driver;
	driver->active++;
	poll->channel = channels_for_task(driver->env.channels, task);
	poll->since = clock_wall_ms();
	poll->place = (struct queue_entry){.start = on_turn, .cookie = poll};
	int64_t cooling = ask_after(poll, poll->since);
	struct queue *queue = cooling == 0 ? queues_find(driver->env.queues, task->channel) : NULL;
	if (queue != NULL) {
		queue_enter(queue, &poll->place);
		return true;
	}
	decide_unasked(poll, cooling, poll->since);
	add_to_batch(poll);
	return true;
}

/* ---- life ---- */

struct poll_driver *
poll_driver_new(const struct domain_env *env)
{
	struct poll_driver *driver = calloc(1, sizeof(*driver));
	if (driver == NULL)
		return NULL;
	driver->env = *env;
	driver->decided_end = &driver->decided;
	driver->flush = (struct loop_timer){.fn = on_flush, .cookie = driver};
	return driver;
}

void
poll_driver_free(struct poll_driver *driver)
{
	if (driver == NULL)
		return;
	flush(driver);
	free(driver);
}

void
poll_driver_abandon(struct poll_driver *driver)
{
	driver->abandoned = true;
	queues_drain(driver->env.queues);
}

size_t
poll_driver_active(const struct poll_driver *driver)
{
	return driver->active;
}
