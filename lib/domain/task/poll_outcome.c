/* The judgement of a poll: see poll_outcome.h. */
#include "domain/task/poll_outcome.h"

#include <stddef.h>
#include <string.h>

#include "base/config.h"
#include "domain/task/facts.h"
#include "domain/task/schedule.h"

enum {
	MISSES_ALLOWED = 2, /* answers 404 in a row; the third ends the task */
	NO_VIDEO_TRIES = 6, /* tries in a row without news, of which the last says "done" without a link */
	NO_VIDEO_MS = 60 * 1000, /* between two of them, at most */
	ALMOST = 99              /* per cent */
};

/* Takes the edge. */
static void
take_edge(struct poll_outcome *outcome, enum state_edge edge)
{
	outcome->moves = true;
	outcome->edge = edge;
}

static void
end(struct poll_outcome *outcome, enum state_edge edge, int64_t now)
{
	take_edge(outcome, edge);
	outcome->change.completed_at = now;
	outcome->change.due_at = 0;
}

static void
fail(struct poll_outcome *outcome, const char *code, const char *message, int64_t now)
{
	end(outcome, STATE_EDGE_FAIL, now);
	outcome->change.error_code = code;
	outcome->change.error_message = message;
}

/* Ends a task by silence: the upstream has given no verdict. */
static void
give_up(struct poll_outcome *outcome, enum err_code why, int64_t now)
{
	end(outcome, STATE_EDGE_GIVE_UP_POLLING, now);
	outcome->change.error_code = err_word(why);
	outcome->change.error_message = err_text(why, "en");
}

static void
complete(struct poll_outcome *outcome, enum state_edge edge, const struct task *task,
         const struct poll_answer *answer, int64_t now)
{
	end(outcome, edge, now);
	outcome->change.progress = 100;
	outcome->change.video_url = answer->video_url;
	outcome->change.image_url = answer->image_url;
	outcome->change.facts = facts_news(task, &answer->facts);
}

/* Judges "done" without a way to the video: the link may come a little later, and a task is not held open for
 * hours by one that never does. */
static void
judge_no_video(struct poll_outcome *outcome, const struct task *task, int64_t now)
{
	if (task->tries + 1 >= NO_VIDEO_TRIES) {
		fail(outcome, err_word(ERR_NO_VIDEO), err_text(ERR_NO_VIDEO, "en"), now);
		return;
	}
	if (task->progress < ALMOST) {
		take_edge(outcome, STATE_EDGE_PROGRESS);
		outcome->change.progress = ALMOST;
	}
	outcome->change.tries = task->tries + 1;
	if (outcome->change.due_at > now + NO_VIDEO_MS)
		outcome->change.due_at = now + NO_VIDEO_MS;
}

/* Judges news of a task under way. */
static void
apply_news(struct poll_outcome *outcome, const struct task *task, const struct poll_answer *answer,
           int64_t now)
{
	switch (answer->status) {
	case POLL_COMPLETED:
		complete(outcome, STATE_EDGE_COMPLETE, task, answer, now);
		return;
	case POLL_ERROR:
		outcome->change.facts.cost = answer->facts.cost;
		fail(outcome,
		     answer->error_code != NULL ? answer->error_code : err_word(ERR_GENERATION_FAILED),
		     answer->error_message != NULL ? answer->error_message
		                                   : err_text(ERR_GENERATION_FAILED, "en"),
		     now);
		return;
	case POLL_CANCELLED:
		end(outcome, STATE_EDGE_STOPPED, now);
		outcome->change.cancelled_by = "upstream";
		return;
	case POLL_NO_VIDEO:
		judge_no_video(outcome, task, now);
		return;
	case POLL_QUEUED:
	case POLL_RUNNING:
	case POLL_LOST:
	case POLL_UNKNOWN_WORD:
		break;
	}
	/* An upstream that says 100 % has not said "completed". */
	int progress = answer->progress > ALMOST ? ALMOST : answer->progress;
	if (answer->status == POLL_RUNNING && progress > task->progress) {
		take_edge(outcome, STATE_EDGE_PROGRESS);
		outcome->change.progress = progress;
	}
	outcome->change.facts = facts_news(task, &answer->facts);
	/* Under way it has one name, as each is counted by itself (tally). */
	if (task->facts.model != NULL)
		outcome->change.facts.model = NULL;
	/* Some upstreams count from now, with each answer: a later end is no news before it counts. */
	if (task->facts.expires_at > 0 && outcome->change.facts.expires_at > task->facts.expires_at)
		outcome->change.facts.expires_at = 0;
	if (job_facts_any(&outcome->change.facts))
		take_edge(outcome, STATE_EDGE_PROGRESS);
}

/* Judges an answer about a task that has timed out: only a video still changes it. */
static struct poll_outcome
late_outcome(const struct config *config, const struct task *task, const struct poll_answer *answer,
             const struct poll_times *times)
{
	int64_t now = times->now;
	struct poll_outcome outcome = {
	    .change = {.now = now, .tries = task->tries, .not_found_count = task->not_found_count}};
	bool failed = answer->verdict == POLL_NEWS && answer->status == POLL_ERROR;
	outcome.too_late = failed || (answer->verdict == POLL_NEWS && answer->status == POLL_CANCELLED);
	if (answer->verdict == POLL_NEWS && answer->status == POLL_COMPLETED)
		complete(&outcome, STATE_EDGE_ARRIVE_LATE, task, answer, now);
	else if (now - task->deadline_at < config->late_window && !failed)
		outcome.change.due_at = schedule_after(config, task, answer->interval_min, times->asked, now);
	return outcome;
}

/* Judges an answer about a task under way, but for its deadline. */
static struct poll_outcome
running_outcome(const struct config *config, const struct task *task, const struct poll_answer *answer,
                const struct poll_times *times)
{
	int64_t now = times->now, least = answer->interval_min;
	struct poll_outcome outcome = {.change = {.now = now}};
	struct transition *change = &outcome.change;
	change->due_at = schedule_after(config, task, least, times->asked, now);
	switch (answer->verdict) {
	case POLL_NEWS:
		apply_news(&outcome, task, answer, now);
		break;
	case POLL_MISSING:
		change->not_found_count = task->not_found_count + 1;
		if (change->not_found_count > MISSES_ALLOWED)
			give_up(&outcome, ERR_UPSTREAM_LOST, now);
		break;
	case POLL_THROTTLED:
	case POLL_FAILED:
		change->tries = task->tries + 1;
		change->due_at = schedule_failed(config, task, least, change->tries, now);
		if (answer->verdict == POLL_THROTTLED && change->due_at < now + answer->retry_after_ms)
			change->due_at = schedule_next(config, task, least, now + answer->retry_after_ms - 1);
		break;
	}
	return outcome;
}

bool
poll_time_is_over(const struct config *config, const struct task *task, int64_t now)
{
	return now >= task->deadline_at + (task->state == TASK_STATE_RUNNING ? 0 : config->late_window);
}

struct poll_outcome
poll_outcome(const struct config *config, const struct task *task, const struct poll_answer *answer,
             const struct poll_times *times)
{
	bool late = task->state == TASK_STATE_FAILED;
	struct poll_outcome outcome =
	    late ? late_outcome(config, task, answer, times) : running_outcome(config, task, answer, times);
	struct transition *change = &outcome.change;
	bool ends = outcome.moves && task_state_terminal(state_edge(outcome.edge)->to);
	if (!late && !ends && times->now >= task->deadline_at) {
		give_up(&outcome, ERR_TIMEOUT, times->now);
		struct task failed = *task;
		failed.state = TASK_STATE_FAILED;
		if (config->late_window > 0)
			change->due_at = schedule_next(config, &failed, answer->interval_min, times->now);
	} else if (!late && !ends) {
		change->due_at = schedule_by_deadline(task, change->due_at);
	}
	bool counts = change->tries != task->tries || change->not_found_count != task->not_found_count;
	bool asked = task_looks_now(task->due_at);
	change->plain =
	    outcome.moves && outcome.edge == STATE_EDGE_PROGRESS && !counts && !asked && task->owner == NULL;
	outcome.writes = outcome.moves || outcome.too_late || counts || asked || change->due_at == 0;
	return outcome;
}
