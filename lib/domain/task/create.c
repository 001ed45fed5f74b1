/* New tasks. Looked up first, by the client's own id: a repetition must be answered, not counted, not
 * refused, and not written. Those that are not found are looked for again inside the transaction, as two may
 * look together; many share one transaction, as a durable commit costs more than a row. */
#include "domain/task/create.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/kill_point.h"
#include "base/ids.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/remix.h"
#include "domain/channel/route.h"
#include "store/rate.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "upstream/dialect/dialect.h"

/* The official clients wait ten minutes for each answer, and rest a little before they try again. */
enum { TRY_MS = 11 * 60 * 1000, TRIES_MOST = 3 };

/* How long ago the first try may have been, of which this is the how-manieth repetition. */
static int64_t
patience(int64_t repeats)
{
	return (repeats < TRIES_MOST ? repeats : TRIES_MOST) * TRY_MS;
}

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
	if (input->source != NULL && input->job != DIALECT_REMIX)
		add_text(hash, job_kind_word(input->job));
	if (input->input_sha256 != NULL)
		crypto_hash_add(hash, input->input_sha256, CRYPTO_HASH_SIZE);
	crypto_hash_end(hash, ret_hash);
	return true;
}

/* The task that a request without an id of the client's own has made before, which only its content tells. A
 * repetition goes to the latest task that has not been repeated as often yet, deleted or not. A first request
 * goes to one that was made by its own repetition, while it was held up. Only inside the transaction: it is
 * noted in the row. */
static enum err_code
find_by_content(const struct domain_env *env, const struct create_order *order, const uint8_t *print,
                struct task *ret_task)
{
	const struct create_input *input = order->input;
	const struct task_content content = {
	    .user_id = input->user_id,
	    .api_key = input->api_key,
	    .fingerprint = print,
	    .since = input->repeats > 0 ? clock_wall_ms() - patience(input->repeats) : input->received_at,
	    .least = input->repeats > 0 ? 0 : 1,
	    .most = input->repeats > 0 ? input->repeats : INT64_MAX,
	};
	enum err_code err = store_task_by_content(env->store, order->arena, &content, ret_task);
	if (err == ERR_OK && input->repeats > 0)
		err = store_task_repeated(env->store, ret_task->id, input->repeats);
	return err == ERR_OK && ret_task->deleted ? ERR_TASK_DELETED : err;
}

/* Whether a repetition of this request, which has made nothing, would be taken for another's; also where that
 * cannot be seen. */
static bool
has_twin(const struct domain_env *env, const struct create_order *order, const uint8_t *print)
{
	struct task twin;
	const struct task_content content = {
	    .user_id = order->input->user_id,
	    .api_key = order->input->api_key,
	    .fingerprint = print,
	    .since = clock_wall_ms() - patience(TRIES_MOST),
	    .most = INT64_MAX,
	};
	return store_task_by_content(env->store, order->arena, &content, &twin) != ERR_NOT_FOUND;
}

/* The task that this request has made before. ERR_NOT_FOUND where there is none. */
static enum err_code
find_earlier(const struct domain_env *env, struct create_order *order, const uint8_t *print)
{
	const struct create_input *input = order->input;
	struct create_result *result = &order->result;
	enum err_code err = store_task_by_request(env->store, order->arena, input->user_id,
	                                          input->client_request_id, &result->task);
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
        struct task *task)
{
	int64_t now = clock_wall_ms();
	char *video_id = arena_alloc(arena, IDS_VIDEO_SIZE);
	if (video_id == NULL)
		return ERR_NO_MEMORY;
	ids_video(now, video_id);
	*task = (struct task){
	    .user_id = input->user_id,
	    .api_key = input->api_key,
	    .video_id = video_id,
	    .client_request_id = input->client_request_id,
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
	    .repeats = input->repeats,
	    .created_at = now,
	    .updated_at = now,
	    .deadline_at = now + env->config->task_deadline,
	    .due_at = now + lease_submit(env->config),
	    .owner = env->owner,
	};
	return ERR_OK;
}

/* Puts the task on the channel. Where that does not take it now, it waits: it is not handed out before, and
 * then in order of creation. */
static enum err_code
put_on(struct arena *arena, const struct channel *channel, bool open, struct task *task)
{
	task->channel = arena_strdup(arena, channel->name);
	task->key_id = arena_strdup(arena, channel->key_id);
	task->keyed = channel->idempotency_header != NULL;
	if (!open) {
		task->state = TASK_STATE_READY;
		task->due_at = task->created_at;
		task->owner = NULL;
	}
	return task->channel != NULL && task->key_id != NULL ? ERR_OK : ERR_NO_MEMORY;
}

/* What there is to a new task, but for its row. */
static enum err_code
prepare(const struct domain_env *env, struct create_order *order, const uint8_t *print)
{
	const struct create_input *input = order->input;
	struct task *task = &order->result.task;
	const struct channel *channel = NULL;
	bool open;
	enum err_code err = compose(env, order->arena, input, task);
	if (err == ERR_OK && input->source != NULL) {
		err = remix_inherit(order->arena, input->source, input->job, task);
		if (err == ERR_OK)
			err = remix_channel(env->channels, input->source, input->job, &channel);
		if (err == ERR_OK)
			err = route_fits(env, order->arena, channel, task) ? route_open(env, channel, &open)
			                                                   : ERR_NO_MODEL;
	} else if (err == ERR_OK) {
		err = route_choose(env, task, &channel, &open);
	}
	if (err == ERR_OK)
		err = put_on(order->arena, channel, open, task);
	if (err == ERR_OK)
		memcpy(task->fingerprint, print, CRYPTO_HASH_SIZE);
	channel_release(channel);
	return err;
}

enum err_code
create_count(const struct domain_env *env, int64_t user_id, int64_t now, int64_t *ret_wait_ms)
{
	char bucket[48];
	snprintf(bucket, sizeof(bucket), "create:%" PRId64, user_id);
	return store_rate_take(env->store, bucket, env->config->rate_create, now, ret_wait_ms);
}

static enum err_code
insert(const struct domain_env *env, struct create_result *result)
{
	enum err_code err =
	    create_count(env, result->task.user_id, result->task.created_at, &result->wait_ms);
	if (err == ERR_OK)
		err = store_task_add(env->store, &result->task, &result->task.id, &result->task.rev);
	if (err == ERR_OK && result->task.state == TASK_STATE_SENDING)
		err = route_count(env, &result->task);
	return err;
}

/* Whether the store can go on after this: an answer to one order, and no failure of all. */
static bool
is_answer(enum err_code err)
{
	return err != ERR_BUSY && err != ERR_NO_SPACE && err != ERR_INTERNAL && err != ERR_CORRUPT &&
	       err != ERR_NO_MEMORY;
}

/* Inside the transaction, where nobody else writes: what is found now, or not, stays so. */
static enum err_code
write_down(const struct domain_env *env, struct create_order *order)
{
	uint8_t print[CRYPTO_HASH_SIZE];
	if (!fingerprint(order->input, print))
		return ERR_NO_MEMORY;
	bool named = order->input->client_request_id != NULL;
	enum err_code err =
	    named ? find_earlier(env, order, print) : find_by_content(env, order, print, &order->result.task);
	if (err != ERR_NOT_FOUND) {
		order->result.replayed = err == ERR_OK;
		return err;
	}
	err = prepare(env, order, print);
	if (err == ERR_OK)
		err = insert(env, &order->result);
	if (err != ERR_OK && !named && is_answer(err))
		order->result.twin = has_twin(env, order, print);
	return err;
}

/* A repetition needs no transaction: it is answered also while nobody can write. */
static bool
is_repetition(const struct domain_env *env, struct create_order *order)
{
	uint8_t print[CRYPTO_HASH_SIZE];
	if (order->input->client_request_id == NULL || !fingerprint(order->input, print))
		return false;
	order->err = find_earlier(env, order, print);
	return order->err == ERR_OK || order->err == ERR_REQUEST_ID_REUSED || order->err == ERR_TASK_DELETED;
}

static enum err_code
write_all(const struct domain_env *env, struct create_order *orders, size_t count)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK) /* nobody changes the channels any more until the rows say where they go */
		channels_refresh(env->channels, env->store);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (orders[i].settled)
			continue;
		orders[i].err = write_down(env, &orders[i]);
		if (!is_answer(orders[i].err))
			err = orders[i].err;
	}
	return store_end(env->store, err);
}

/* The store has failed, before or after this order's turn. Reading may go on: who holds the database up
 * writes. */
static void
spread(const struct domain_env *env, struct create_order *order, enum err_code err)
{
	uint8_t print[CRYPTO_HASH_SIZE];
	if (order->err == ERR_OK || is_answer(order->err)) {
		order->err = err;
		order->result.replayed = false;
	}
	if (order->input->client_request_id == NULL)
		order->result.twin = !fingerprint(order->input, print) || has_twin(env, order, print);
}

void
create_tasks(const struct domain_env *env, struct create_order *orders, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		orders[i].result = (struct create_result){0};
		orders[i].settled = is_repetition(env, &orders[i]);
		left += !orders[i].settled;
	}
	kill_point("create.begun");
	enum err_code err = left > 0 ? write_all(env, orders, count) : ERR_OK;
	kill_point("create.written");
	for (size_t i = 0; i < count && err != ERR_OK; i++)
		if (!orders[i].settled)
			spread(env, &orders[i], err);
}

enum err_code
create_task(const struct domain_env *env, struct arena *arena, const struct create_input *input,
            struct create_result *ret_result)
{
	struct create_order order = {.input = input, .arena = arena};
	create_tasks(env, &order, 1);
	*ret_result = order.result;
	return order.err;
}

bool
create_input_copy(struct arena *arena, const struct create_input *input, struct create_input *ret_input)
{
	struct create_input copy = *input;
	const char **const texts[] = {
	    &copy.client_request_id, &copy.prompt,   &copy.model,      &copy.size,      &copy.options,
	    &copy.aspect_ratio,      &copy.metadata, &copy.input_file, &copy.input_type};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
	if (input->input_sha256 != NULL) {
		uint8_t *digest = arena_alloc(arena, CRYPTO_HASH_SIZE);
		if (digest != NULL)
			memcpy(digest, input->input_sha256, CRYPTO_HASH_SIZE);
		copy.input_sha256 = digest;
	}
	if (input->source != NULL) {
		struct task *source = arena_alloc(arena, sizeof(*source));
		if (source == NULL || !task_copy(arena, input->source, source))
			return false;
		copy.source = source;
	}
	*ret_input = copy;
	return !arena_failed(arena);
}
