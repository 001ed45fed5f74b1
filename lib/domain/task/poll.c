/* Polling: many questions under way at once, their answers decided one by one (decide.c) and written in
 * batches, as a commit costs more than a decision. A batch is lost with the process, and that is no loss: the
 * leases run out, and somebody asks again. */
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
#include "domain/env.h"
#include "domain/channel/queue.h"
#include "domain/task/schedule.h"
#include "store/channel.h"
#include "store/store.h"
#include "store/task.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/http/client.h"

enum {
	BATCH_MS = 5,         /* how long a decision waits for company */
	BATCH_MOST = 100,     /* decisions in one transaction */
	UNCONFIGURED = 60000, /* ms between looks at a task whose channel is gone from the configuration */
	STRANGE_WORDS = 16,   /* that are told apart in the log */
	STRANGE_WORD_SIZE = 32
};

struct poll {
	struct poll_driver *poll_driver;
	struct poll *next; /* among the decided */
	struct arena *arena;
	const struct channel *channel;
	struct task task;
	struct queue_entry place; /* in the lane of its channel */
	int64_t since;            /* when our lease began */
	bool asked;               /* else nothing was sent, and `answer` says why */
	struct poll_answer answer;
	struct poll_outcome decision;
};

struct poll_driver {
	struct domain_env env;
	struct poll *decided, **decided_end;
	size_t decided_count, active;
	bool abandoned;
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

static enum err_code
write_one(struct store *store, struct poll_outcome *decision)
{
	const struct task_move *move = &decision->move;
	const struct task_rest rest = {.id = move->id,
	                               .attempt = move->attempt,
	                               .state = move->from,
	                               .owner = move->owner,
	                               .due_at = move->due_at,
	                               .polls = move->polls,
	                               .misses = move->misses};
	int64_t rev;
	enum err_code err =
	    decision->moves ? store_task_move(store, move, &rev) : store_task_rest(store, &rest);
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND)
		return err;
	decision->moves = false; /* somebody else has taken over */
	return ERR_OK;
}

/* A channel's health after the batch: one proper answer counts for all, but for a rest that was asked for. */
static enum err_code
write_health(const struct domain_env *env, const struct poll *batch, const struct channel *channel)
{
	struct channel_health health;
	bool works = false, failed = false;
	int64_t rest = 0;
	for (const struct poll *p = batch; p != NULL; p = p->next) {
		if (!p->asked || strcmp(p->channel->name, channel->name) != 0)
			continue;
		works = works || p->answer.verdict == POLL_NEWS;
		failed = failed || p->answer.fault;
		if (p->answer.verdict == POLL_THROTTLED && p->answer.retry_after_ms > rest)
			rest = p->answer.retry_after_ms;
	}
	works = works && rest == 0;
	if (!works && !failed)
		return ERR_OK;
	enum err_code err = store_channel_health(env->store, channel->name, &health);
	if (err != ERR_OK || (works && health.failures == 0))
		return err;
	health = works ? schedule_channel_works(health) : schedule_channel(health, rest, clock_wall_ms());
	return store_channel_set_health(env->store, channel->name, &health);
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
		durable = durable || (p->decision.moves && p->decision.durable);
	enum err_code err = store_begin(env->store, durable ? STORE_DURABLE : STORE_RELAXED);
	for (struct poll *p = batch; p != NULL && err == ERR_OK; p = p->next)
		err = write_one(env->store, &p->decision);
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
	const struct task_move *move = &poll->decision.move;
	if (poll->decision.moves && task_state_terminal(move->to))
		log_info("task ended: task=%s state=%s code=%s", poll->task.video_id,
		         task_state_word(move->to), move->error_code != NULL ? move->error_code : "-");
}

static void
flush(struct poll_driver *poll_driver)
{
	struct poll *batch = poll_driver->decided, *next;
	poll_driver->decided = NULL;
	poll_driver->decided_end = &poll_driver->decided;
	poll_driver->decided_count = 0;
	loop_timer_cancel(poll_driver->env.loop, &poll_driver->flush);
	if (batch == NULL)
		return;
	enum err_code err = write_batch(&poll_driver->env, batch);
	if (err != ERR_OK)
		log_error("polls cannot be written, and will be made again: %s", err_word(err));
	for (struct poll *p = batch; p != NULL; p = next) {
		next = p->next;
		poll_driver->active--;
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
log_strange_word(struct poll_driver *poll_driver, const struct poll *poll)
{
	char word[STRANGE_WORD_SIZE];
	snprintf(word, sizeof(word), "%s", poll->answer.word);
	for (size_t i = 0; i < poll_driver->strange_count; i++)
		if (strcmp(poll_driver->strange_words[i], word) == 0)
			return;
	if (poll_driver->strange_count == STRANGE_WORDS)
		return;
	memcpy(poll_driver->strange_words[poll_driver->strange_count++], word, sizeof(word));
	log_warn("unknown status word, taken for under way: task=%s word=%s", poll->task.video_id, word);
}

static void
log_answer(struct poll_driver *poll_driver, const struct poll *poll)
{
	const struct poll_answer *answer = &poll->answer;
	if (answer->verdict == POLL_FAILED && answer->fault) /* of the channel, which has a line of its own */
		log_debug("poll failed: task=%s why=%s", poll->task.video_id, answer->why);
	else if (answer->verdict == POLL_FAILED)
		log_warn("poll failed: task=%s why=%s", poll->task.video_id, answer->why);
	if (answer->verdict == POLL_NEWS && answer->status == POLL_UNKNOWN_WORD)
		log_strange_word(poll_driver, poll);
}

/* No judgement: the task is as it was, and due at `due_at`. */
static void
leave(struct poll *poll, int64_t due_at)
{
	const struct task *task = &poll->task;
	poll->decision = (struct poll_outcome){.move = {.id = task->id,
	                                                .from = task->state,
	                                                .attempt = task->attempt,
	                                                .owner = task->owner,
	                                                .due_at = due_at,
	                                                .polls = task->polls,
	                                                .misses = task->misses}};
}

/* Has the decision written with others. */
static void
put_down(struct poll *poll)
{
	struct poll_driver *poll_driver = poll->poll_driver;
	*poll_driver->decided_end = poll;
	poll_driver->decided_end = &poll->next;
	if (++poll_driver->decided_count >= BATCH_MOST)
		flush(poll_driver);
	else if (poll_driver->decided_count == 1)
		loop_timer_set(poll_driver->env.loop, &poll_driver->flush, clock_mono_ms() + BATCH_MS);
}

static void
decide(struct poll *poll)
{
	struct poll_driver *poll_driver = poll->poll_driver;
	poll->decision = poll_outcome_decide(poll_driver->env.config, &poll->task, &poll->answer,
	                                     clock_wall_ms(), crypto_dice());
	log_answer(poll_driver, poll);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct poll *poll = cookie;
	const struct poll_driver *poll_driver = poll->poll_driver;
	if (poll_driver->abandoned) {
		poll->asked = false;
		leave(poll, clock_wall_ms());
	} else {
		struct poll_answer *answer = &poll->answer;
		channels_note(poll->poll_driver->env.channels, poll->channel->name, response);
		answer_poll(poll->channel->dialect, response, poll->arena, answer);
		if (answer->verdict == POLL_MISSING && !channel_is_of(poll->channel, &poll->task))
			*answer = (struct poll_answer){
			    .verdict = POLL_FAILED,
			    .why = "it is unknown to the key for new work, and the one that made it is gone"};
		answer->error_code = answer_without_key(poll->channel, answer->error_code);
		answer->error_message = answer_without_key(poll->channel, answer->error_message);
		decide(poll);
	}
	queue_leave(&poll->place);
	put_down(poll);
}

/* Until when the upstream is not to be asked about the task; 0 = it may be asked now. */
static int64_t
rest_until(const struct poll *poll, int64_t now)
{
	struct channel_health health;
	if (poll->channel == NULL)
		return now + UNCONFIGURED;
	if (store_channel_health(poll->poll_driver->env.store, poll->channel->name, &health) != ERR_OK)
		return 0;
	return health.cooldown_until > now ? health.cooldown_until : 0;
}

/* Sends the question. False where that cannot be done. */
static bool
ask(struct poll *poll)
{
	const struct domain_env *env = &poll->poll_driver->env;
	struct http *http = queue_http(&poll->place);
	struct http_request request;
	if (http == NULL || compose_poll(poll->channel, &poll->task, poll->arena, &request) != ERR_OK)
		return false;
	request.timeout_ms = env->config->poll_timeout;
	poll->asked = http_start(http, &request, on_response, poll);
	return poll->asked;
}

/* True where the decision does not hang on the answer any more. */
static bool
time_is_over(const struct config *config, const struct task *task, int64_t now)
{
	return now >= task->deadline_at + (task->state == TASK_STATE_RUNNING ? 0 : config->late_window);
}

/* Decides without an answer. Time passes for a task that cannot be asked about, too: it may have come to its
 * deadline. `rest`: until when its channel is not asked; 0 = the question could not be sent. */
static void
decide_unasked(struct poll *poll, int64_t rest, int64_t now)
{
	const struct task *task = &poll->task;
	poll->answer = (struct poll_answer){.verdict = POLL_FAILED, .why = "the question cannot be sent"};
	if (rest == 0 || time_is_over(poll->poll_driver->env.config, task, now))
		decide(poll);
	else
		leave(poll, task->state == TASK_STATE_RUNNING && rest > task->deadline_at ? task->deadline_at
		                                                                          : rest);
}

/* It is the task's turn, unless it has stood in line for so long that the lease could run out before the
 * answer is written. */
static void
on_turn(void *cookie)
{
	struct poll *poll = cookie;
	const struct poll_driver *poll_driver = poll->poll_driver;
	int64_t now = clock_wall_ms();
	bool late = now - poll->since > poll_driver->env.config->lease_margin / 2 || now < poll->since;
	if (!poll_driver->abandoned && !late && ask(poll))
		return;
	if (poll_driver->abandoned || late)
		leave(poll, now);
	else
		decide_unasked(poll, 0, now);
	queue_leave(&poll->place);
	put_down(poll);
}

bool
poll_driver_start(struct poll_driver *poll_driver, const struct task *task)
{
	struct poll *poll = calloc(1, sizeof(*poll));
	if (poll == NULL)
		return false;
	poll->arena = arena_new();
	if (poll->arena == NULL || !task_copy(poll->arena, task, &poll->task)) {
		poll_free(poll);
		return false;
	}
	poll->poll_driver = poll_driver;
	poll_driver->active++;
	poll->channel = channels_for_task(poll_driver->env.channels, task);
	poll->since = clock_wall_ms();
	poll->place = (struct queue_entry){.go = on_turn, .cookie = poll};
	int64_t rest = rest_until(poll, poll->since);
	struct queue *queue = rest == 0 ? queues_find(poll_driver->env.queues, task->channel) : NULL;
	if (queue != NULL) {
		queue_enter(queue, &poll->place);
		return true;
	}
	decide_unasked(poll, rest, poll->since);
	put_down(poll);
	return true;
}

/* ---- life ---- */

struct poll_driver *
poll_driver_new(const struct domain_env *env)
{
	struct poll_driver *poll_driver = calloc(1, sizeof(*poll_driver));
	if (poll_driver == NULL)
		return NULL;
	poll_driver->env = *env;
	poll_driver->decided_end = &poll_driver->decided;
	poll_driver->flush = (struct loop_timer){.fn = on_flush, .cookie = poll_driver};
	return poll_driver;
}

void
poll_driver_free(struct poll_driver *poll_driver)
{
	if (poll_driver == NULL)
		return;
	flush(poll_driver);
	free(poll_driver);
}

void
poll_driver_abandon(struct poll_driver *poll_driver)
{
	poll_driver->abandoned = true;
	queues_drain(poll_driver->env.queues);
}

size_t
poll_driver_active(const struct poll_driver *poll_driver)
{
	return poll_driver->active;
}
