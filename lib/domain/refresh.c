/* Polling: many questions under way at once, their answers decided one by one (decide.c) and written in
 * batches, as a commit costs more than a decision. A batch is lost with the process, and that is no loss: the
 * leases run out, and somebody asks again. */
#include "domain/refresh.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/channel.h"
#include "domain/env.h"
#include "domain/schedule.h"
#include "upstream/answer.h"
#include "upstream/compose.h"
#include "upstream/http.h"

enum {
	BATCH_MS = 5,        /* how long a decision waits for company */
	BATCH_MOST = 100,    /* decisions in one transaction */
	UNCONFIGURED = 60000 /* ms between looks at a task whose channel is gone from the configuration */
};

struct poll {
	struct refresher *refresher;
	struct poll *next; /* among the decided */
	struct arena *arena;
	const struct channel *channel;
	struct task task;
	struct poll_answer answer;
	struct refresh_decision decision;
};

struct refresher {
	struct domain_env env;
	struct poll *decided, **decided_end;
	size_t decided_count, active;
	bool abandoned;
	struct loop_timer flush;
	char strange_word[32]; /* the last unknown status word that was logged */
};

static void
poll_free(struct poll *poll)
{
	if (poll == NULL)
		return;
	arena_free(poll->arena);
	free(poll);
}

/* ---- writing ---- */

static enum err_code
write_one(struct store *store, const struct refresh_decision *decision)
{
	const struct task_move *move = &decision->move;
	int64_t rev;
	enum err_code err = decision->moves ? store_task_move(store, move, &rev)
	                                    : store_task_rest(store, move->id, move->owner, move->due_at,
	                                                      move->polls, move->misses);
	return err == ERR_CONFLICT || err == ERR_NOT_FOUND ? ERR_OK : err; /* somebody else has taken over */
}

/* The channel's health after the batch: one success counts for all. */
static enum err_code
write_health(const struct domain_env *env, const struct poll *batch, int64_t now)
{
	const char *name = batch->channel != NULL ? batch->channel->name : NULL;
	struct channel_health health;
	bool works = false, failed = false;
	int64_t rest = 0;
	for (const struct poll *p = batch; p != NULL; p = p->next) {
		works = works || p->answer.verdict == POLL_NEWS;
		failed = failed || p->answer.verdict == POLL_FAILED || p->answer.verdict == POLL_THROTTLED;
		if (p->answer.verdict == POLL_THROTTLED && p->answer.retry_after_ms > rest)
			rest = p->answer.retry_after_ms;
	}
	enum err_code err = name != NULL ? store_channel_health(env->store, name, &health) : ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK || (works && rest == 0 && health.failures == 0) || (!works && !failed))
		return err;
	health = works && rest == 0 ? (struct channel_health){0} : schedule_channel(health, rest, now);
	return store_channel_set_health(env->store, name, &health);
}

static enum err_code
write_batch(const struct domain_env *env, const struct poll *batch)
{
	bool durable = false;
	for (const struct poll *p = batch; p != NULL; p = p->next)
		durable = durable || (p->decision.moves && p->decision.durable);
	enum err_code err = store_begin(env->store, durable ? STORE_DURABLE : STORE_RELAXED);
	for (const struct poll *p = batch; p != NULL && err == ERR_OK; p = p->next)
		err = write_one(env->store, &p->decision);
	if (err == ERR_OK)
		err = write_health(env, batch, clock_wall_ms());
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	return err;
}

static void
flush(struct refresher *refresher)
{
	struct poll *batch = refresher->decided, *next;
	refresher->decided = NULL;
	refresher->decided_end = &refresher->decided;
	refresher->decided_count = 0;
	loop_timer_cancel(refresher->env.loop, &refresher->flush);
	if (batch == NULL)
		return;
	enum err_code err = write_batch(&refresher->env, batch);
	if (err != ERR_OK)
		log_error("polls cannot be written, and will be made again: %s", err_word(err));
	for (struct poll *p = batch; p != NULL; p = next) {
		next = p->next;
		refresher->active--;
		poll_free(p);
	}
}

static void
on_flush(void *cookie)
{
	flush(cookie);
}

/* ---- asking ---- */

static void
log_answer(struct refresher *refresher, const struct poll *poll)
{
	const struct poll_answer *answer = &poll->answer;
	const char *id = poll->task.video_id;
	if (answer->verdict == POLL_FAILED)
		log_warn("poll failed: task=%s why=%s", id, answer->why);
	if (answer->verdict == POLL_NEWS && answer->status == POLL_UNKNOWN_WORD &&
	    strncmp(refresher->strange_word, answer->word, sizeof(refresher->strange_word) - 1) != 0) {
		size_t len = strnlen(answer->word, sizeof(refresher->strange_word) - 1);
		memcpy(refresher->strange_word, answer->word, len);
		refresher->strange_word[len] = '\0';
		log_warn("unknown status word, taken for under way: task=%s word=%s", id,
		         refresher->strange_word);
	}
	if (poll->decision.moves && task_state_terminal(poll->decision.move.to))
		log_info("task ended: task=%s state=%s code=%s", id, task_state_word(poll->decision.move.to),
		         poll->decision.move.error_code != NULL ? poll->decision.move.error_code : "-");
}

/* No judgement: the task is as it was, and due. */
static void
leave_for_others(struct poll *poll)
{
	const struct task *task = &poll->task;
	poll->answer = (struct poll_answer){.verdict = POLL_MISSING};
	poll->decision = (struct refresh_decision){.move = {.id = task->id,
	                                                    .owner = task->owner,
	                                                    .due_at = clock_wall_ms(),
	                                                    .polls = task->polls,
	                                                    .misses = task->misses}};
}

/* The answer is there: decided now, written with others. */
static void
decided(struct poll *poll)
{
	struct refresher *refresher = poll->refresher;
	poll->decision =
	    refresh_decide(refresher->env.config, &poll->task, &poll->answer, clock_wall_ms(), crypto_dice());
	if (poll->channel == NULL && !poll->decision.moves)
		poll->decision.move.due_at = clock_wall_ms() + UNCONFIGURED;
	if (refresher->abandoned)
		leave_for_others(poll);
	else
		log_answer(refresher, poll);
	*refresher->decided_end = poll;
	refresher->decided_end = &poll->next;
	if (++refresher->decided_count >= BATCH_MOST)
		flush(refresher);
	else if (refresher->decided_count == 1)
		loop_timer_set(refresher->env.loop, &refresher->flush, clock_mono_ms() + BATCH_MS);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct poll *poll = cookie;
	answer_poll(poll->channel->dialect, response, poll->arena, &poll->answer);
	decided(poll);
}

bool
refresh_start(struct refresher *refresher, const struct task *task)
{
	struct http_request request;
	struct poll *poll = calloc(1, sizeof(*poll));
	if (poll == NULL)
		return false;
	poll->arena = arena_new();
	if (poll->arena == NULL || !task_copy(poll->arena, task, &poll->task)) {
		poll_free(poll);
		return false;
	}
	poll->refresher = refresher;
	refresher->active++;
	poll->channel = channels_named(refresher->env.channels, task->channel);
	poll->answer = (struct poll_answer){.verdict = POLL_FAILED, .why = "the channel is not configured"};
	if (poll->channel != NULL) {
		poll->answer.why = "the poll cannot be composed";
		if (compose_poll(poll->channel, &poll->task, poll->arena, &request) == ERR_OK) {
			request.timeout_ms = refresher->env.config->poll_timeout;
			if (http_start(refresher->env.http, &request, on_response, poll))
				return true;
		}
	}
	decided(poll);
	return true;
}

/* ---- life ---- */

struct refresher *
refresh_new(const struct domain_env *env)
{
	struct refresher *refresher = calloc(1, sizeof(*refresher));
	if (refresher == NULL)
		return NULL;
	refresher->env = *env;
	refresher->decided_end = &refresher->decided;
	refresher->flush = (struct loop_timer){.fn = on_flush, .cookie = refresher};
	return refresher;
}

void
refresh_free(struct refresher *refresher)
{
	if (refresher == NULL)
		return;
	flush(refresher);
	free(refresher);
}

void
refresh_abandon(struct refresher *refresher)
{
	refresher->abandoned = true;
}

size_t
refresh_active(const struct refresher *refresher)
{
	return refresher->active;
}
