/* Drives polls: many questions under way at once, their answers judged one by one (poll_outcome.c). Where an
 * answer brings nothing new, nothing is written, and no transaction begins; the rest is written in batches,
 * as a commit costs more than a judgement. A batch may be lost with the process: the tasks are polled again.
 */
#include "domain/task/poll.h"

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
#include "domain/channel/cooldown.h"
#include "domain/channel/health.h"
#include "domain/channel/known_health.h"
#include "domain/channel/queue.h"
#include "domain/env.h"
#include "domain/task/deadline.h"
#include "domain/task/facts.h"
#include "domain/task/poll_log.h"
#include "domain/task/poll_outcome.h"
#include "domain/task/schedule.h"
#include "domain/task/transition.h"
#include "store/clock.h"
#include "store/store.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"

enum {
	BATCH_MS = 5,     /* between two transactions at least: what is decided meanwhile shares the next */
	BATCH_MOST = 100, /* decisions in one transaction */
	UNCONFIGURED = 60000, /* ms between looks at a task whose channel is gone from the configuration */
	IDLE = 256            /* polls that are kept for reuse */
};

struct poll {
	struct poll_driver *driver;
	struct poll *next; /* among the decided, or the idle */
	struct arena *arena;
	const struct channel *channel;
	struct known_health *health;
	void *of;
	struct task task;         /* the user's, and what the poll makes of it */
	struct queue_entry place; /* in the queue of its channel */
	int64_t asked_at;
	bool asked; /* else nothing was sent, and `answer` says why */
	bool taken; /* by another process */
	struct poll_answer answer;
	const char *job; /* what later calls need, by the answer; NULL = it says nothing */
	struct poll_outcome outcome;
};

struct poll_driver {
	struct domain_env env;
	struct poll_user user;
	struct known_health *health;
	struct poll *idle;
	size_t idle_count;
	struct poll *decided, **decided_end;
	size_t decided_count, active;
	bool abandoned;
	int64_t offset;     /* of the clock, see poll_driver_clock(); 0 = not told */
	int64_t flushed_at; /* clock_mono_ms() of the last transaction's end */
	struct loop_timer flush;
	struct poll_words words;
};

/* ---- memory ---- */

static void
poll_free(struct poll *poll)
{
	if (poll == NULL)
		return;
	arena_free(poll->arena);
	free(poll);
}

/* Returns a poll of nothing yet; NULL when memory is short. */
static struct poll *
take_poll(struct poll_driver *driver)
{
	struct poll *poll = driver->idle;
	if (poll != NULL) {
		struct arena *arena = poll->arena;
		driver->idle = poll->next;
		driver->idle_count--;
		*poll = (struct poll){.driver = driver, .arena = arena};
		return poll;
	}
	poll = calloc(1, sizeof(*poll));
	if (poll == NULL)
		return NULL;
	poll->driver = driver;
	poll->arena = arena_new();
	if (poll->arena != NULL)
		return poll;
	poll_free(poll);
	return NULL;
}

/* Ends a poll, and tells its user. */
static void
end_poll(struct poll *poll, enum poll_end end, int64_t next)
{
	struct poll_driver *driver = poll->driver;
	driver->active--;
	channel_release(poll->channel);
	driver->user.done(driver->user.done_cookie, poll->of, &poll->task, end, next);
	if (driver->idle_count >= IDLE) {
		poll_free(poll);
		return;
	}
	arena_reset(poll->arena);
	poll->next = driver->idle;
	driver->idle = poll;
	driver->idle_count++;
}

/* ---- writing ---- */

/* Makes the move, or notes what else is new. Where another process has moved the task, nothing is to be done.
 */
static enum err_code
write_one(struct store *store, struct poll *poll)
{
	struct poll_outcome *outcome = &poll->outcome;
	struct task *task = &poll->task;
	enum err_code err = outcome->writes ? transition_keep_asked(store, task, &outcome->change) : ERR_OK;
	if (err == ERR_OK && outcome->moves) {
		err = transition(store, outcome->edge, &outcome->change, task);
	} else if (err == ERR_OK && outcome->writes) {
		task->tries = outcome->change.tries;
		task->not_found_count = outcome->change.not_found_count;
		err = lease_return(store, task, outcome->change.due_at);
		if (err == ERR_OK && outcome->too_late)
			err = transition_event(store, STATE_EVENT_LATE_VERDICT, outcome->change.now, task);
		task->due_at = outcome->change.due_at;
		task->owner = NULL;
	}
	poll->taken = err == ERR_CONFLICT || err == ERR_NOT_FOUND;
	return poll->taken ? ERR_OK : err;
}

/* Notes what the polls of the batch have shown of the channel. */
static enum err_code
write_health(const struct domain_env *env, const struct poll *batch, struct known_health *health)
{
	struct health_polls polls = {0};
	for (const struct poll *p = batch; p != NULL; p = p->next) {
		if (!p->asked || p->health != health)
			continue;
		polls.works = polls.works || p->answer.verdict == POLL_NEWS;
		polls.lost = polls.lost || p->answer.lost;
		polls.failed = polls.failed || p->answer.fault;
		if (p->answer.verdict == POLL_THROTTLED && p->answer.retry_after_ms > polls.retry_after)
			polls.retry_after = p->answer.retry_after_ms;
	}
	health->known = false;
	return health_note_polls(env->store, health->channel, &polls);
}

/* True where an earlier poll of the batch was of the same channel. */
static bool
channel_seen(const struct poll *batch, const struct poll *poll)
{
	while (batch != poll && batch->health != poll->health)
		batch = batch->next;
	return batch != poll;
}

/* Writes the batch; ret_ours: false where it is no longer ours to write, and nothing was. */
static enum err_code
write_batch(const struct poll_driver *driver, struct poll *batch, bool *ret_ours)
{
	struct store *store = driver->env.store;
	bool durable = false;
	for (const struct poll *p = batch; p != NULL; p = p->next)
		durable = durable || p->outcome.too_late ||
		          (p->outcome.moves && state_edge(p->outcome.edge)->durable);
	enum err_code err = store_begin(store, durable ? STORE_DURABLE : STORE_RELAXED);
	*ret_ours = err != ERR_OK || driver->user.may_write(driver->user.cookie);
	for (struct poll *p = batch; p != NULL && err == ERR_OK && *ret_ours; p = p->next)
		err = write_one(store, p);
	for (const struct poll *p = batch; p != NULL && err == ERR_OK && *ret_ours; p = p->next)
		if (!channel_seen(batch, p))
			err = write_health(&driver->env, batch, p->health);
	kill_point("refresh.decided");
	err = store_end(store, err);
	kill_point("refresh.written");
	return err;
}

static void
flush(void *cookie)
{
	struct poll_driver *driver = cookie;
	struct poll *batch = driver->decided, *next;
	bool ours;
	driver->decided = NULL;
	driver->decided_end = &driver->decided;
	driver->decided_count = 0;
	loop_timer_cancel(driver->env.loop, &driver->flush);
	if (batch == NULL)
		return;
	enum err_code err = write_batch(driver, batch, &ours);
	driver->flushed_at = clock_mono_ms();
	if (err == ERR_OK)
		known_health_asked_end(driver->health);
	else
		log_error("polls cannot be written, and will be made again: %s", err_word(err));
	for (struct poll *p = batch; p != NULL; p = next) {
		next = p->next;
		p->next = NULL;
		/* One that the ledger refuses holds no other up. */
		enum err_code own = err == ERR_LEDGER ? write_batch(driver, p, &ours) : err;
		if (own != ERR_OK) {
			end_poll(p, POLL_NOT_MADE, clock_wall_ms() + driver->env.config->poll_interval_min);
		} else if (!ours || p->taken) {
			end_poll(p, POLL_TAKEN, 0);
		} else {
			if (p->outcome.moves)
				poll_log_end(&p->task);
			end_poll(p, POLL_JUDGED, p->outcome.change.due_at);
		}
	}
}

/* ---- asking ---- */

/* Has the decision written: at once, with those of this turn of the loop, where none was written lately; else
 * with all that come until BATCH_MS after the last. So few tasks wait for nothing, and many share. */
static void
add_to_batch(struct poll *poll)
{
	struct poll_driver *driver = poll->driver;
	*driver->decided_end = poll;
	driver->decided_end = &poll->next;
	if (++driver->decided_count >= BATCH_MOST) {
		flush(driver);
		return;
	}
	if (driver->decided_count == 1)
		loop_timer_set(driver->env.loop, &driver->flush, driver->flushed_at + BATCH_MS);
	if (driver->user.room != NULL)
		driver->user.room(driver->user.done_cookie);
}

/* False where the clock was set, and the times in the database are not moved with it yet. */
static bool
clock_is_right(const struct poll_driver *driver, int64_t now)
{
	return driver->offset == 0 || llabs(now - clock_boot_ms() - driver->offset) < CLOCK_STEP_MS;
}

/* Has the answer judged, and written where it is news: of the task, or of its channel. */
static void
decide(struct poll *poll, int64_t now)
{
	struct poll_driver *driver = poll->driver;
	const struct poll_times times = {.asked = poll->asked_at, .now = now};
	if (!clock_is_right(driver, now)) {
		end_poll(poll, POLL_NOT_MADE, 0);
		return;
	}
	deadline_passed(driver->env.store, &poll->task, now); /* it may have been moved meanwhile */
	poll->outcome = poll_outcome(driver->env.config, &poll->task, &poll->answer, &times);
	if (poll->outcome.moves)
		poll->outcome.change.job = poll->job;
	poll_log_answer(&driver->words, &poll->task, &poll->answer);
	bool of_channel = poll->asked && (poll->health->health.troubled || poll->answer.fault ||
	                                  poll->answer.verdict != POLL_NEWS);
	if (poll->outcome.writes || of_channel)
		add_to_batch(poll);
	else
		end_poll(poll, POLL_JUDGED, poll->outcome.change.due_at);
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
	poll->job = answer_job(&poll->task, answer, poll->arena);
	facts_translate(poll->channel, &poll->task, poll->arena, &answer->facts);
	/* Before the next one in the queue has its turn. */
	if (answer->verdict == POLL_THROTTLED)
		known_health_ask(poll->health, clock_wall_ms() + cooldown_asked(answer->retry_after_ms));
	queue_leave(&poll->place);
	decide(poll, clock_wall_ms());
}

/* The poller stops, or the task is no longer its own. */
static void
leave(struct poll *poll)
{
	queue_leave(&poll->place);
	end_poll(poll, POLL_NOT_MADE, 0);
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

/* Asks where the video of a job is that is done. False where that cannot be sent. */
static bool
ask_on(struct poll *poll)
{
	const struct poll_driver *driver = poll->driver;
	struct http *http = queue_http(&poll->place);
	struct http_request request;
	if (http == NULL || !driver->user.may_ask(driver->user.cookie) ||
	    compose_result(poll->channel, &poll->task, poll->answer.result_id, poll->arena, &request) !=
	        ERR_OK)
		return false;
	request.timeout_ms = driver->env.config->poll_timeout;
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
	poll->asked_at = clock_wall_ms();
	poll->asked = http_start(http, &request, on_response, poll);
	return poll->asked;
}

/* Ends a poll whose channel is not asked before `until`: a task that cannot be asked about may still have
 * reached its deadline. */
static void
put_off(struct poll *poll, int64_t until, int64_t now)
{
	const struct config *config = poll->driver->env.config;
	const struct task *task = &poll->task;
	poll->answer = (struct poll_answer){.verdict = POLL_FAILED, .why = "the question cannot be sent"};
	if (poll_time_is_over(config, task, now)) {
		decide(poll, now);
		return;
	}
	int64_t least = poll->channel != NULL ? dialect_poll_interval(poll->channel->dialect) : 0;
	int64_t next = schedule_next(config, task, least, until - 1);
	end_poll(poll, POLL_NOT_MADE,
	         task->state == TASK_STATE_RUNNING ? schedule_by_deadline(task, next) : next);
}

/* Sends the question, unless it was queued for so long that the task may be another poller's by now, or that
 * the channel has asked for a rest meanwhile. */
static void
on_turn(void *cookie)
{
	struct poll *poll = cookie;
	const struct poll_driver *driver = poll->driver;
	int64_t now = clock_wall_ms();
	int64_t until = known_health_told(poll->health, driver->env.store, now);
	if (driver->abandoned || !driver->user.may_ask(driver->user.cookie)) {
		leave(poll);
	} else if (until > 0) {
		queue_leave(&poll->place);
		put_off(poll, until, now);
	} else if (!ask(poll)) {
		poll->answer =
		    (struct poll_answer){.verdict = POLL_FAILED, .why = "the question cannot be sent"};
		queue_leave(&poll->place);
		decide(poll, now);
	}
}

bool
poll_driver_start(struct poll_driver *driver, const struct task *task, int64_t due, void *of)
{
	struct poll *poll = take_poll(driver);
	int64_t until = 0;
	if (poll == NULL)
		return false;
	driver->active++;
	poll->of = of;
	poll->task = *task;
	poll->asked_at = clock_wall_ms();
	poll->health = known_health_find(&driver->health, driver->env.store, task->channel, poll->asked_at);
	struct queue *queue = queues_find(driver->env.queues, task->channel);
	if (poll->health == NULL || queue == NULL) {
		end_poll(poll, POLL_NOT_MADE, poll->asked_at + driver->env.config->poll_interval_min);
		return true;
	}
	poll->channel = channels_for_task(driver->env.channels, task);
	poll->place = (struct queue_entry){.start = on_turn, .cookie = poll};
	if (poll->channel == NULL)
		put_off(poll, poll->asked_at + UNCONFIGURED, poll->asked_at);
	else if (known_health_cools(poll->health, due, poll->asked_at, &until))
		put_off(poll, until, poll->asked_at);
	else
		queue_enter(queue, &poll->place);
	return true;
}

/* ---- life ---- */

struct poll_driver *
poll_driver_new(const struct domain_env *env, const struct poll_user *user)
{
	struct poll_driver *driver = calloc(1, sizeof(*driver));
	if (driver == NULL)
		return NULL;
	driver->env = *env;
	driver->user = *user;
	driver->decided_end = &driver->decided;
	driver->flush = (struct loop_timer){.fn = flush, .cookie = driver};
	return driver;
}

void
poll_driver_free(struct poll_driver *driver)
{
	struct poll *poll;
	if (driver == NULL)
		return;
	flush(driver);
	while ((poll = driver->idle) != NULL) {
		driver->idle = poll->next;
		poll_free(poll);
	}
	known_health_free(driver->health);
	free(driver);
}

void
poll_driver_refresh(struct poll_driver *driver)
{
	known_health_forget(driver->health);
}

void
poll_driver_clock(struct poll_driver *driver, int64_t offset)
{
	driver->offset = offset;
	known_health_asked_end(driver->health);
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
