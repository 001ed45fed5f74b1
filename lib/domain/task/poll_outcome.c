/* What the answer to a poll means: pure, and the only judge of how a task under way ends. */
#include <stddef.h>

#include "base/config.h"
#include "domain/task/poll.h"
#include "domain/task/schedule.h"
#include "domain/task/state.h"

enum { MISSES_ALLOWED = 2 /* answers 404 in a row; the third ends the task */ };

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Takes the edge in the decision. */
static void
take(struct poll_outcome *decision, enum state_edge edge)
{
	decision->moves = true;
	decision->move.to = state_edge(edge)->to;
	decision->durable = state_edge(edge)->durable;
}

static void
end(struct poll_outcome *decision, enum state_edge edge, int64_t now)
{
	take(decision, edge);
	decision->move.completed_at = now;
	decision->move.due_at = 0;
}

static void
fail(struct poll_outcome *decision, const char *code, const char *message, int64_t now)
{
	end(decision, STATE_EDGE_FAIL, now);
	decision->move.error_code = code;
	decision->move.error_message = message;
}

static void
complete(struct poll_outcome *decision, enum state_edge edge, const struct poll_answer *answer, int64_t now)
{
	end(decision, edge, now);
	decision->move.progress = 100;
	decision->move.video_url = answer->video_url;
	decision->move.image_url = answer->image_url;
}

/* News of a task under way. */
static void
hear(struct poll_outcome *decision, const struct task *task, const struct poll_answer *answer, int64_t now)
{
	switch (answer->status) {
	case POLL_COMPLETED:
		complete(decision, STATE_EDGE_COMPLETE, answer, now);
		return;
	case POLL_ERROR:
		fail(decision,
		     answer->error_code != NULL ? answer->error_code : err_word(ERR_GENERATION_FAILED),
		     answer->error_message != NULL ? answer->error_message
		                                   : err_text(ERR_GENERATION_FAILED, "en"),
		     now);
		return;
	case POLL_CANCELLED:
		end(decision, STATE_EDGE_STOP, now);
		return;
	case POLL_QUEUED:
	case POLL_RUNNING:
	case POLL_UNKNOWN_WORD:
		break;
	}
	/* An upstream that says 100 % has not said "completed". */
	int progress = answer->progress > 99 ? 99 : answer->progress;
	if (answer->status == POLL_RUNNING && progress > task->progress) {
		take(decision, STATE_EDGE_PROGRESS);
		decision->move.progress = progress;
	}
}

/* A task that has timed out: only a video changes anything any more. */
static struct poll_outcome
decide_late(const struct config *config, const struct task *task, const struct poll_answer *answer,
            int64_t now, double dice)
{
	struct poll_outcome decision = {.move = {.id = task->id,
	                                         .attempt = task->attempt,
	                                         .from = task->state,
	                                         .to = task->state,
	                                         .owner = task->owner,
	                                         .now = now,
	                                         .progress = -1,
	                                         .polls = task->polls + 1}};
	int64_t since = now - task->deadline_at;
	if (answer->verdict == POLL_NEWS && answer->status == POLL_COMPLETED)
		complete(&decision, STATE_EDGE_ARRIVE_LATE, answer, now);
	else if (since < config->late_window &&
	         !(answer->verdict == POLL_NEWS && answer->status == POLL_ERROR))
		decision.move.due_at = now + schedule_late(since, dice);
	return decision;
}

struct poll_outcome
poll_outcome_decide(const struct config *config, const struct task *task, const struct poll_answer *answer,
                    int64_t now, double dice)
{
	if (task->state == TASK_STATE_FAILED)
		return decide_late(config, task, answer, now, dice);

	int64_t age = longer(now - task->created_at, 0);
	struct poll_outcome decision = {.move = {.id = task->id,
	                                         .attempt = task->attempt,
	                                         .from = task->state,
	                                         .to = task->state,
	                                         .owner = task->owner,
	                                         .now = now,
	                                         .progress = -1,
	                                         .due_at = now + schedule_poll(config, age, dice),
	                                         .polls = 0,
	                                         .misses = 0}};
	switch (answer->verdict) {
	case POLL_NEWS:
		hear(&decision, task, answer, now);
		break;
	case POLL_MISSING:
		decision.move.misses = task->misses + 1;
		if (decision.move.misses > MISSES_ALLOWED)
			fail(&decision, err_word(ERR_UPSTREAM_LOST), err_text(ERR_UPSTREAM_LOST, "en"), now);
		break;
	case POLL_THROTTLED:
		decision.move.polls = task->polls + 1;
		decision.move.due_at =
		    now + longer(answer->retry_after_ms,
		                 schedule_poll_failed(config, age, decision.move.polls, dice));
		break;
	case POLL_FAILED:
		decision.move.polls = task->polls + 1;
		decision.move.due_at = now + schedule_poll_failed(config, age, decision.move.polls, dice);
		break;
	}
	if (task_state_terminal(decision.move.to))
		return decision;
	if (now >= task->deadline_at) {
		fail(&decision, err_word(ERR_TIMEOUT), err_text(ERR_TIMEOUT, "en"), now);
		decision.move.due_at =
		    config->late_window > 0 ? now + schedule_late(now - task->deadline_at, dice) : 0;
	} else if (decision.move.due_at > task->deadline_at) {
		decision.move.due_at = task->deadline_at;
	}
	return decision;
}
