/* What polls say to the operator; see poll_log.h. */
#include "domain/task/poll_log.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/answer.h"
#include "model/task.h"

/* Logs a status word that the dialect does not know, once. */
static void
log_strange_word(struct poll_words *words, const struct task *task, const struct poll_answer *answer)
{
	char word[POLL_WORD_SIZE];
	snprintf(word, sizeof(word), "%s", answer->word);
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->words[i], word) == 0)
			return;
	if (words->count == POLL_WORDS)
		return;
	memcpy(words->words[words->count++], word, sizeof(word));
	log_warn("unknown status word, taken for under way: task=%s word=%s", task->video_id, word);
}

void
poll_log_answer(struct poll_words *words, const struct task *task, const struct poll_answer *answer)
{
	const char *why = answer->why != NULL ? answer->why : "-";
	if (answer->verdict == POLL_FAILED && answer->fault) /* of the channel, which has a line of its own */
		log_debug("poll failed: task=%s why=%s", task->video_id, why);
	else if (answer->verdict == POLL_FAILED)
		log_warn("poll failed: task=%s why=%s", task->video_id, why);
	if (answer->verdict != POLL_NEWS)
		return;
	if (answer->why != NULL)
		log_warn("a job failed by the provider's account: task=%s channel=%s why=%s", task->video_id,
		         task->channel, why);
	if (answer->status == POLL_NO_VIDEO)
		log_warn("completed without a usable link: task=%s channel=%s", task->video_id,
		         task->channel);
	if (answer->status == POLL_UNKNOWN_WORD)
		log_strange_word(words, task, answer);
}

void
poll_log_end(const struct task *task)
{
	if (task_state_terminal(task->state))
		log_info("task ended: task=%s state=%s code=%s", task->video_id, task_state_word(task->state),
		         task->error_code != NULL ? task->error_code : "-");
}
