/* Finds a lost submission in the upstream's list. A job there is ours where it has our prompt and our source,
 * was made since we sent it, and bears no id that we know. Nothing else ties the two together, so the job is
 * taken only where no other task, a rival, could mean it, one that was sent, and by the time that the job
 * has:
 *  - a rival that is being sent at this moment may get its id any time: look again later;
 *  - a rival of another user or other content that is unsure too, or was lately given up or cancelled without
 *    an id, makes it a guess: do not guess;
 *  - a task of the same user that asks for just the same is as good: the first to look takes the oldest job;
 *    but one that is cancelled looks again until the others have theirs.
 */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/task/followup.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/transition.h"
#include "model/channel.h"
#include "store/task_match.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/http/message.h"

enum {
	NEVER = 0,                  /* as a due_at */
	LOOKS = 5,                  /* at lists without the job, before the task is given up */
	SKEW_MS = 5 * 60 * 1000,    /* how far the upstream's clock may be behind ours */
	AHEAD_MS = 60 * 60 * 1000,  /* how far ahead: a task given up since then may have the job */
	PATIENCE_MS = 3 * 60 * 1000 /* for as long an upstream is obeyed that asks for a wait */
};

static enum err_code
compose(const struct followup *followup, struct http_request *ret_request)
{
	return compose_list(followup->channel, followup->arena, ret_request);
}

/* The earliest time, by the upstream's clock, that the task's job can have: a task that is unsure has not
 * been changed visibly since it was created, or retried. */
static int64_t
since(const struct task *task)
{
	bool ended = task_state_terminal(task->state); /* cancelled: that was a change */
	return (ended && task->attempt == 1 ? task->created_at : task->updated_at) - SKEW_MS;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What the task's job is asked to show. */
struct wanted {
	const char *prompt;             /* NULL = the task is deleted, and its prompt is gone */
	uint8_t hash[CRYPTO_HASH_SIZE]; /* then: of its prompt */
};

/* ERR_NOT_FOUND where the task was deleted, and nothing of its prompt is kept. */
static enum err_code
what_is_wanted(struct store *store, const struct task *task, struct wanted *ret_wanted)
{
	enum err_code err = store_prompt_kept(store, task, ret_wanted->hash);
	ret_wanted->prompt = err == ERR_NOT_FOUND ? task->prompt : NULL;
	return err == ERR_NOT_FOUND && !task->deleted ? ERR_OK : err;
}

static bool
shows(const struct listed_job *job, const struct wanted *wanted)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	if (wanted->prompt != NULL)
		return strcmp(job->prompt, wanted->prompt) == 0;
	crypto_sha256(job->prompt, strlen(job->prompt), hash);
	return memcmp(hash, wanted->hash, sizeof(hash)) == 0;
}

/* Finds the oldest job that may be the task's; NULL where there is none. */
static enum err_code
find_job(struct store *store, const struct task *task, const struct list_answer *answer,
         const struct listed_job **ret_job)
{
	const struct listed_job *oldest = NULL;
	struct wanted wanted;
	enum err_code looked = what_is_wanted(store, task, &wanted);
	if (looked != ERR_OK)
		return looked == ERR_NOT_FOUND ? ERR_OK : looked;
	for (size_t i = 0; i < answer->count; i++) {
		const struct listed_job *job = &answer->jobs[i];
		bool known;
		if (job->created_at < since(task) || !shows(job, &wanted) ||
		    !same(job->source_external_id, task->source_external_id) ||
		    (oldest != NULL && job->created_at > oldest->created_at))
			continue;
		enum err_code err = store_external_known(store, task, job->external_id, &known);
		if (err != ERR_OK)
			return err;
		if (!known)
			oldest = job;
	}
	*ret_job = oldest;
	return ERR_OK;
}

/* Returns the lease until the next look. */
static enum err_code
look_again(const struct domain_env *env, const struct task *task, const struct http_response *response)
{
	int64_t wait = followup_wait(env, task->tries + task->not_found_count, response);
	return lease_return(env->store, task, clock_wall_ms() + wait);
}

/* Counts a look that has not found the job; after the last one the task is given up. A list that cannot be
 * read counts, too: an unknown outcome ends within minutes, also where the upstream asks for longer. */
static enum err_code
not_found(const struct domain_env *env, struct task *task, const struct http_response *response,
          const char *why)
{
	if (++task->tries < LOOKS && response->retry_after_ms <= PATIENCE_MS)
		return look_again(env, task, response);
	if (task_state_terminal(task->state))
		return lease_return(env->store, task,
		                    NEVER); /* the user has cancelled it, and there is no job to cancel */
	log_warn("a lost submission is given up: task=%s why=%s", task->video_id, why);
	return submit_give_up(env, err_text(ERR_SUBMISSION_UNKNOWN, "en"), task);
}

static enum err_code
conclude_find(const struct domain_env *env, struct followup *followup, const struct http_response *response)
{
	struct task *task = &followup->task;
	const struct listed_job *job = NULL;
	struct task_rivals rivals;
	struct list_answer answer;
	answer_list(followup->channel->dialect, response, followup->arena, &answer);
	if (answer.why != NULL) {
		log_warn("the upstream's list cannot be read: task=%s why=%s", task->video_id, answer.why);
		return not_found(env, task, response, "the upstream's list cannot be read");
	}
	enum err_code err = find_job(env->store, task, &answer, &job);
	if (err == ERR_OK && job != NULL)
		task->prompt = job->prompt; /* which is gone where the task is deleted */
	const struct task_meant meant = {.since = since(task) - AHEAD_MS,
	                                 .until = job != NULL ? job->created_at + SKEW_MS : INT64_MAX,
	                                 .source = job != NULL ? job->source_external_id : NULL};
	if (err == ERR_OK)
		err = store_task_rivals(env->store, task, &meant, &rivals);
	if (err != ERR_OK)
		return err;
	/* What is wanted still comes before what is to be cancelled. */
	if (rivals.sending > 0 || (task_state_terminal(task->state) && rivals.unsure > 0))
		return look_again(env, task, response);
	if (job != NULL && rivals.others == 0) {
		log_info("a lost submission is found: task=%s external=%s", task->video_id, job->external_id);
		return submit_found(env, followup->arena, job->external_id, task);
	}
	return not_found(env, task, response,
	                 job != NULL ? "several tasks may mean the same job"
	                             : "it is not in the upstream's list");
}

const struct followup_kind followup_find = {.compose = compose, .conclude = conclude_find};
