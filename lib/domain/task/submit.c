/* Submits tasks. What the upstream answered is written in batches: the answers that come in one turn of the
 * loop share one durable transaction, so that a burst of creations costs one fsync and not one each. done()
 * is called after the commit.
 *
 * A write that fails is tried again, with backoff, on a fresh copy of the task. An answer that holds an
 * upstream id is never given up while the process lives; others may be, once the lease has run out: the next
 * holder decides then. */
#include "domain/task/facts.h"
#include "domain/task/submit.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/channel/queue.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/failure.h"
#include "domain/task/submit_inputs.h"
#include "domain/task/submit_outcome.h"
#include "model/answer.h"
#include "store/store.h"
#include "store/task.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/http/client.h"

enum {
	RETRY_FIRST = 100,
	RETRY_MOST = 5000 /* ms */,
	HTTP_REFUSED = 401,
	HTTP_REFUSED_END = 404 /* 401 to 403 */
};

struct submission {
	struct submitter *submitter;
	struct submission *next; /* among the answered */
	struct arena *own;       /* holds a copied task; NULL where the task is the caller's */
	struct arena *arena;     /* of the task, and of what the submission needs */
	const struct channel *channel;
	struct task *task;
	struct task after; /* as the transaction under way leaves it */
	struct submit_answer answer;
	bool again; /* a repetition: the first may have been taken */
	struct submit_image *images;
	size_t image_count, uploading; /* … and which of them is on its way */
	struct queue_entry place;
	submit_done *done;
	void *cookie;
};

struct submitter {
	struct domain_env env;
	struct submission *answered, **answered_end; /* in order of their answers, not yet written */
	struct loop_timer flush;
	int64_t retry_ms;
	size_t active;
	bool stopping;
};

static void
submission_free(struct submission *submission)
{
	if (submission == NULL)
		return;
	channel_release(submission->channel);
	arena_free(submission->own);
	free(submission);
}

static void
end_submission(struct submission *submission, enum err_code err)
{
	submit_done *done = submission->done;
	void *cookie = submission->cookie;
	submission->submitter->active--;
	submission_free(submission);
	if (done != NULL)
		done(cookie, err);
}

/* ---- writing ---- */

static enum err_code
write_batch(struct submitter *submitter, struct submission *batch)
{
	enum err_code err = store_begin(submitter->env.store, STORE_DURABLE);
	for (struct submission *s = batch; s != NULL && err == ERR_OK; s = s->next) {
		s->after = *s->task;
		err = submit_outcome_apply(&submitter->env, s->arena, &s->answer, &s->after);
		if (err == ERR_NOT_FOUND) /* the row is gone; submit_outcome_apply() has logged what could not
		                             be kept */
			err = ERR_OK;
	}
	kill_point("submit.settled");
	err = store_end(submitter->env.store, err);
	kill_point("submit.written");
	return err;
}

static void
add_answered(struct submitter *submitter, struct submission *submission)
{
	submission->next = NULL;
	*submitter->answered_end = submission;
	submitter->answered_end = &submission->next;
}

/* A batch could not be written: it is tried again later, but for those that may be left to their lease. */
static void
keep_or_leave(struct submitter *submitter, struct submission *batch, enum err_code err)
{
	struct submission *next;
	int64_t now = clock_wall_ms();
	log_error("submissions cannot be written: %s", err_word(err));
	for (struct submission *s = batch; s != NULL; s = next) {
		next = s->next;
		if (s->answer.verdict == SUBMIT_ACCEPTED || now < s->task->due_at)
			add_answered(submitter, s);
		else
			end_submission(s, err);
	}
	if (submitter->answered == NULL) { /* nothing is left that a retry would write */
		submitter->retry_ms = 0;
		return;
	}
	submitter->retry_ms = submitter->retry_ms == 0 ? RETRY_FIRST : submitter->retry_ms * 2;
	if (submitter->retry_ms > RETRY_MOST)
		submitter->retry_ms = RETRY_MOST;
	loop_timer_set(submitter->env.loop, &submitter->flush, clock_mono_ms() + submitter->retry_ms);
}

/* Writes a batch. Where it is refused for another reason than the state of the disk or of other writers,
 * writes each of it by itself, so that one that can never be written does not hold the others back. */
static void
write_out(struct submitter *submitter, struct submission *batch)
{
	struct submission *next;
	enum err_code err = write_batch(submitter, batch);
	bool one_by_one = err == ERR_INTERNAL && batch->next != NULL;
	if (err != ERR_OK && !one_by_one) {
		keep_or_leave(submitter, batch, err);
		return;
	}
	if (err == ERR_OK)
		submitter->retry_ms = 0;
	for (struct submission *s = batch; s != NULL; s = next) {
		next = s->next;
		s->next = NULL;
		if (one_by_one) {
			write_out(submitter, s);
		} else {
			*s->task = s->after;
			end_submission(s, ERR_OK);
		}
	}
}

static void
on_flush(void *cookie)
{
	struct submitter *submitter = cookie;
	struct submission *batch = submitter->answered;
	submitter->answered = NULL;
	submitter->answered_end = &submitter->answered;
	if (batch != NULL)
		write_out(submitter, batch);
}

/* Has the sentence of an unknown outcome say what that means, and what the upstream said. */
static void
tell_both(struct submission *submission)
{
	struct submit_answer *answer = &submission->answer;
	answer->message = failure_unknown(submission->arena, answer->message);
	log_warn("the outcome of a submission is not known: task=%s channel=%s status=%d code=%s reason=%s",
	         submission->task->video_id, submission->task->channel, answer->status,
	         answer->code != NULL ? answer->code : "-", answer->message);
}

/* Has the answer written, with all others of this turn of the loop. */
static void
on_answer(struct submission *submission)
{
	struct submitter *submitter = submission->submitter;
	struct submit_answer *answer = &submission->answer;
	/* A repetition that is turned away says nothing of the first submission, whatever the reason given;
	 * nor does one that cannot be sent any more, without its image or by a profile that has changed. */
	if (submission->again && answer->verdict != SUBMIT_ACCEPTED) {
		if (answer->verdict == SUBMIT_NO_ACCOUNT) /* not the user's to read */
			answer->message = answer->code = NULL;
		answer->verdict = SUBMIT_UNKNOWN;
	}
	if (answer->verdict == SUBMIT_UNKNOWN)
		tell_both(submission);
	add_answered(submitter, submission);
	if (submitter->retry_ms == 0) /* else a retry is coming, and takes it along */
		loop_timer_set(submitter->env.loop, &submitter->flush, clock_mono_ms());
}

/* ---- sending ---- */

static void
leave_queue(struct submission *submission)
{
	if (submission->place.queue != NULL)
		queue_leave(&submission->place);
}

/* Makes sure that the lease outlasts the submission: the task may have waited since the lease was taken,
 * behind others of a batch or behind other writers. `anew`: begins it anew in any case, as the row decides
 * after a wait: ERR_CONFLICT where another process has taken the task over, or its user has cancelled it. */
static enum err_code
extend_lease(const struct domain_env *env, struct task *task, bool anew)
{
	int64_t now = clock_wall_ms(), until = now + lease_submit(env->config);
	if (!anew && task->due_at >= now + env->config->submit_timeout)
		return ERR_OK;
	enum err_code err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_lease_extend(env->store, task->id, task->attempt, task->owner, until);
	err = store_end(env->store, err);
	if (err == ERR_OK)
		task->due_at = until;
	return err;
}

/* The cheap call says whether a 403 was the key's. Where it has no answer that is not known; the upstream's
 * word for the task then holds. */
static void
on_check(void *cookie, const struct http_response *response)
{
	struct submission *submission = cookie;
	struct submit_answer said;
	answer_submit(submission->channel->dialect, response, submission->task, submission->arena, &said);
	bool forbidden = response->end == HTTP_ANSWERED && response->status >= HTTP_REFUSED &&
	                 response->status < HTTP_REFUSED_END;
	if (forbidden || said.verdict == SUBMIT_NO_ACCOUNT) /* some tell a bad key by a 400, or in a 200 */
		submission->answer.verdict = SUBMIT_NO_ACCOUNT;
	leave_queue(submission);
	on_answer(submission);
}

/* Asks by the cheap call whether the key is good. False where there is none, or it cannot be sent. */
static bool
check_key(struct submission *submission)
{
	const struct domain_env *env = &submission->submitter->env;
	struct http_request request;
	if (submission->submitter->stopping ||
	    compose_check(submission->channel, submission->arena, &request, &(bool){false}) != ERR_OK ||
	    extend_lease(env, submission->task, false) != ERR_OK)
		return false;
	request.timeout_ms = env->config->submit_timeout;
	struct http *http = submission->place.queue != NULL ? queue_http(&submission->place) : env->http;
	return http != NULL && http_start(http, &request, on_check, submission);
}

/* Takes what was read from the response for the outcome. */
static void
settle(struct submission *submission, const struct http_response *response)
{
	struct submit_answer *answer = &submission->answer;
	answer->message = answer_without_key(submission->channel, answer->message);
	answer->code = answer_without_key(submission->channel, answer->code);
	/* What is about the task or the account has a line of its own. */
	if (answer->verdict != SUBMIT_NO_ACCOUNT && answer->verdict != SUBMIT_REFUSED)
		channels_note(submission->submitter->env.channels, submission->channel->name, response);
	if (answer->doubtful && !submission->again && check_key(submission))
		return;
	leave_queue(submission);
	on_answer(submission);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct submission *submission = cookie;
	kill_point("submit.answered");
	answer_submit(submission->channel->dialect, response, submission->task, submission->arena,
	              &submission->answer);
	facts_translate(submission->channel, submission->task, submission->arena, &submission->answer.facts);
	settle(submission, response);
}

static enum err_code start(struct submission *submission);

/* An image is uploaded, or not; nothing is submitted yet, nor is it once the user has cancelled the task. */
static void
on_uploaded(void *cookie, const struct http_response *response)
{
	struct submission *submission = cookie;
	const struct submitter *submitter = submission->submitter;
	struct submit_answer *answer = &submission->answer;
	answer_upload(submission->channel->dialect, response, submission->task, submission->arena,
	              &submission->images[submission->uploading], answer);
	if (answer->verdict != SUBMIT_ACCEPTED) {
		settle(submission, response);
		return;
	}
	enum err_code err =
	    submitter->stopping ? ERR_STOPPING : extend_lease(&submitter->env, submission->task, true);
	if (err == ERR_OK)
		err = start(submission);
	if (err == ERR_OK)
		return;
	*answer = submit_unsent(err);
	leave_queue(submission);
	on_answer(submission);
}

/* Starts what is next to be sent: an image that must be uploaded before, or the submission. ERR_OK, or why
 * nothing was sent. */
static enum err_code
start(struct submission *submission)
{
	const struct domain_env *env = &submission->submitter->env;
	const struct submit_inputs inputs = {submission->images, submission->image_count};
	struct http_request request;
	enum err_code err = compose_upload(submission->channel, submission->task, &inputs, submission->arena,
	                                   &request, &submission->uploading);
	bool upload = err == ERR_OK;
	if (err == ERR_NOT_FOUND)
		err = compose_submit(submission->channel, submission->task, &inputs, submission->arena,
		                     &request);
	if (err != ERR_OK)
		return err;
	request.timeout_ms = env->config->submit_timeout;
	request.once = !upload;
	struct http *http = submission->place.queue != NULL ? queue_http(&submission->place) : env->http;
	if (http == NULL || !http_start(http, &request, upload ? on_uploaded : on_response, submission))
		return ERR_NO_MEMORY;
	if (!upload)
		kill_point("submit.started");
	return ERR_OK;
}

/* Sends the task. ERR_OK, or why nothing was sent. */
static enum err_code
send(struct submission *submission)
{
	const struct domain_env *env = &submission->submitter->env;
	const struct task *task = submission->task;
	submission->channel = channels_for_task(env->channels, task);
	/* By another key than the row says it would be a job that cannot be told whose it is. */
	if (submission->channel == NULL || !channel_is_of(submission->channel, task))
		return ERR_NO_CHANNEL;
	/* The row says that a repetition is known by its key: so never send without one. */
	if (task->sent_with_key && submission->channel->idempotency_header == NULL)
		return ERR_NO_CHANNEL;
	enum err_code err =
	    submit_inputs_find(env, task, submission->arena, &submission->images, &submission->image_count);
	return err == ERR_OK ? start(submission) : err;
}

/* Takes the row back to READY, or UNSURE, if it can, where memory is short for a submission. */
static void
return_unsent(struct submitter *submitter, const struct task *task, bool again)
{
	struct task copy = *task;
	struct submit_answer answer = submit_unsent(ERR_NO_MEMORY);
	if (again)
		answer.verdict = SUBMIT_UNKNOWN;
	enum err_code err = store_begin(submitter->env.store, STORE_DURABLE);
	if (err == ERR_OK)
		err = submit_outcome_apply(&submitter->env, NULL, &answer, &copy);
	store_end(submitter->env.store, err);
}

static void
on_turn(void *cookie)
{
	struct submission *submission = cookie;
	const struct submitter *submitter = submission->submitter;
	enum err_code err = submitter->stopping
	                        ? ERR_STOPPING
	                        : extend_lease(&submitter->env, submission->task, submission->place.waited);
	if (err == ERR_OK)
		err = send(submission);
	if (err == ERR_OK)
		return;
	submission->answer = submit_unsent(err);
	leave_queue(submission);
	on_answer(submission);
}

/* Queues the submission at its channel, where there are queues: a new one before the polls, as a client waits
 * for it and few at a time are claimed; a repetition behind them. */
static void
enqueue(struct submission *submission)
{
	struct queues *queues = submission->submitter->env.queues;
	struct queue *queue = queues != NULL ? queues_find(queues, submission->task->channel) : NULL;
	submission->place =
	    (struct queue_entry){.first = !submission->again, .start = on_turn, .cookie = submission};
	if (queue != NULL) {
		queue_enter(queue, &submission->place);
	} else if (queues == NULL) {
		on_turn(submission);
	} else {
		submission->answer = submit_unsent(ERR_NO_MEMORY);
		on_answer(submission);
	}
}

bool
submit_start(struct submitter *submitter, struct arena *arena, struct task *task, submit_done *done,
             void *cookie)
{
	struct submission *submission = calloc(1, sizeof(*submission));
	if (submission == NULL) {
		return_unsent(submitter, task, false);
		return false;
	}
	*submission = (struct submission){
	    .submitter = submitter, .arena = arena, .task = task, .done = done, .cookie = cookie};
	submitter->active++;
	enqueue(submission);
	return true;
}

/* Submits a copy. */
static bool
start_copy(struct submitter *submitter, const struct task *task, bool again)
{
	struct submission *submission = calloc(1, sizeof(*submission));
	struct arena *arena = arena_new();
	struct task *copy = arena != NULL ? arena_alloc(arena, sizeof(*copy)) : NULL;
	if (submission == NULL || copy == NULL || !task_copy(arena, task, copy)) {
		arena_free(arena);
		free(submission);
		return_unsent(submitter, task, again);
		return false;
	}
	*submission = (struct submission){
	    .submitter = submitter, .own = arena, .arena = arena, .task = copy, .again = again};
	submitter->active++;
	enqueue(submission);
	return true;
}

bool
submit_unwatched(struct submitter *submitter, const struct task *task)
{
	return start_copy(submitter, task, false);
}

bool
submit_again(struct submitter *submitter, const struct task *task)
{
	return start_copy(submitter, task, true);
}

/* ---- life ---- */

struct submitter *
submit_new(const struct domain_env *env)
{
	struct submitter *submitter = calloc(1, sizeof(*submitter));
	if (submitter == NULL)
		return NULL;
	submitter->env = *env;
	submitter->answered_end = &submitter->answered;
	submitter->flush = (struct loop_timer){.fn = on_flush, .cookie = submitter};
	return submitter;
}

void
submit_free(struct submitter *submitter)
{
	if (submitter == NULL)
		return;
	loop_timer_cancel(submitter->env.loop, &submitter->flush);
	struct submission *next;
	for (struct submission *s = submitter->answered; s != NULL; s = next) {
		next = s->next;
		if (s->answer.verdict == SUBMIT_ACCEPTED)
			log_error("an upstream id could not be written: task=%s external=%s",
			          s->task->video_id, s->answer.external_id);
		end_submission(s, ERR_STOPPING);
	}
	free(submitter);
}

void
submit_stop(struct submitter *submitter)
{
	submitter->stopping = true;
}

size_t
submit_active(const struct submitter *submitter)
{
	return submitter->active;
}
