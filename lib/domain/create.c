/* A new task. Looked up first, by the client's own id: a repetition must be answered, not counted, not
 * refused, and not written. The unique index settles the race of two that look up together. */
#include "domain/create.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/ids.h"
#include "domain/channel.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/remix.h"
#include "store/store.h"

enum { RETRIED_MS = 15 * 60 * 1000 /* how long a client may go on repeating a request by itself */ };

/* Adds a piece of content with its length, so that no two contents read the same; NULL differs from "". */
static void
add_text(struct crypto_hash *hash, const char *text)
{
	char head[32];
	int len =
	    snprintf(head, sizeof(head), "%c%zu:", text != NULL ? 't' : 'n', text != NULL ? strlen(text) : 0);
	crypto_hash_add(hash, head, (size_t)len);
	if (text != NULL)
		crypto_hash_add(hash, text, strlen(text));
}

static bool
fingerprint(const struct create_input *input, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	char seconds[24];
	struct crypto_hash *hash = crypto_hash_new();
	if (hash == NULL)
		return false;
	snprintf(seconds, sizeof(seconds), "%" PRId64, input->seconds);
	const char *const texts[] = {input->prompt,       input->model,   input->size,    seconds,
	                             input->aspect_ratio, input->options, input->metadata};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add_text(hash, texts[i]);
	if (input->source != NULL)
		add_text(hash, input->source->video_id);
	if (input->input_sha256 != NULL)
		crypto_hash_add(hash, input->input_sha256, CRYPTO_HASH_SIZE);
	crypto_hash_end(hash, ret_hash);
	return true;
}

/* The task that this request has made before. ERR_NOT_FOUND where there is none. */
static enum err_code
find_earlier(const struct domain_env *env, struct arena *arena, const struct create_input *input,
             const uint8_t *print, struct create_result *result)
{
	enum err_code err = ERR_NOT_FOUND;
	if (input->client_request_id != NULL)
		err = store_task_by_request(env->store, arena, input->user_id, input->client_request_id,
		                            &result->task);
	else if (input->retried)
		err = store_task_by_content(env->store, arena, input->user_id, print,
		                            clock_wall_ms() - RETRIED_MS, &result->task);
	if (err != ERR_OK)
		return err;
	if (!crypto_equal(result->task.fingerprint, print, CRYPTO_HASH_SIZE))
		return ERR_REQUEST_ID_REUSED;
	if (result->task.deleted)
		return ERR_TASK_DELETED;
	result->replayed = true;
	return ERR_OK;
}

static enum err_code
compose(const struct domain_env *env, struct arena *arena, const struct create_input *input,
        const struct channel *channel, struct task *task)
{
	int64_t now = clock_wall_ms();
	char *video_id = arena_alloc(arena, IDS_VIDEO_SIZE);
	if (video_id == NULL)
		return ERR_NO_MEMORY;
	ids_video(now, video_id);
	*task = (struct task){
	    .user_id = input->user_id,
	    .video_id = video_id,
	    .client_request_id = input->client_request_id,
	    .channel = channel->name,
	    .state = TASK_STATE_SENDING,
	    .prompt = input->prompt,
	    .model = input->model,
	    .size = input->size,
	    .seconds = input->seconds,
	    .aspect_ratio = input->aspect_ratio,
	    .media_type = "VIDEO",
	    .options = input->options,
	    .input_file = input->input_file,
	    .input_type = input->input_type,
	    .metadata = input->metadata,
	    .attempt = 1,
	    .created_at = now,
	    .updated_at = now,
	    .deadline_at = now + env->config->task_deadline,
	    .due_at = now + lease_submit(env->config),
	    .owner = env->owner,
	};
	struct channel_health health;
	enum err_code err = store_channel_health(env->store, channel->name, &health);
	if (err == ERR_OK && health.cooldown_until > now) {
		task->state = TASK_STATE_READY;
		task->due_at =
		    now; /* not handed out before the rest is over, and then in order of creation */
		task->owner = NULL;
	}
	return err;
}

/* Two requests that look for an earlier one at the same time would both find none. With an id the unique
 * index settles that; what is known by its content only is looked for again here, where nobody else writes.
 */
static enum err_code
insert(const struct domain_env *env, struct arena *arena, const struct create_input *input,
       const uint8_t *print, struct create_result *result)
{
	char bucket[48];
	snprintf(bucket, sizeof(bucket), "create:%" PRId64, result->task.user_id);
	fault_point("create.begun");
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK && input->retried &&
	    find_earlier(env, arena, input, print, result) != ERR_NOT_FOUND)
		err = ERR_CONFLICT;
	if (err == ERR_OK && env->config->rate_create > 0)
		err = store_rate_take(env->store, bucket, env->config->rate_create, result->task.created_at,
		                      &result->wait_ms);
	if (err == ERR_OK)
		err = store_task_add(env->store, &result->task, &result->task.id, &result->task.rev);
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	fault_point("create.written");
	return err;
}

enum err_code
create_task(const struct domain_env *env, struct arena *arena, const struct create_input *input,
            struct create_result *ret_result)
{
	uint8_t print[CRYPTO_HASH_SIZE];
	*ret_result = (struct create_result){0};
	if (!fingerprint(input, print))
		return ERR_NO_MEMORY;
	enum err_code err = find_earlier(env, arena, input, print, ret_result);
	if (err != ERR_NOT_FOUND)
		return err;
	const struct channel *channel = channels_for_new(env->channels);
	err = channel != NULL ? ERR_OK : ERR_NO_CHANNEL;
	if (input->source != NULL)
		err = remix_channel(env->channels, input->source, &channel);
	if (err == ERR_OK)
		err = compose(env, arena, input, channel, &ret_result->task);
	if (err == ERR_OK && input->source != NULL)
		err = remix_inherit(arena, input->source, &ret_result->task);
	if (err != ERR_OK)
		return err;
	memcpy(ret_result->task.fingerprint, print, sizeof(print));
	err = insert(env, arena, input, print, ret_result);
	/* Another request of the same id was a moment faster: it is the task. */
	if (err == ERR_CONFLICT || err == ERR_RATE_LIMITED) {
		enum err_code earlier = find_earlier(env, arena, input, print, ret_result);
		return earlier == ERR_NOT_FOUND ? err : earlier;
	}
	return err;
}
