/* Creates tasks: one durable transaction for all that came together, as a commit costs more than a row.
 *
 * An order is first looked up by the client's own id: a repetition is answered, not counted against a limit,
 * not refused and not written. What is not found is looked up again inside the transaction, where no other
 * process writes: two may have looked at the same time. */
#include "domain/task/create.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "base/kill_point.h"
#include "domain/channel/channels.h"
#include "domain/channel/route.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/admit.h"
#include "domain/task/create_content.h"
#include "domain/task/remix.h"
#include "domain/task/transition.h"
#include "domain/upload.h"
#include "store/channel.h"
#include "store/image.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/wish.h"

/* The official clients wait ten minutes for each answer, and pause a little before they try again. */
enum { TRY_MS = 11 * 60 * 1000, TRIES_MOST = 3 };

/* Whose error it is: one order's answer, or the store's, after which nothing more of the transaction can be
 * written. */
enum scope { OF_ORDER, OF_STORE };

static enum scope
scope_of(enum err_code err)
{
	return err == ERR_BUSY || err == ERR_NO_SPACE || err == ERR_INTERNAL || err == ERR_CORRUPT ||
	               err == ERR_NO_MEMORY || err == ERR_LEDGER
	           ? OF_STORE
	           : OF_ORDER;
}

/* ---- what was created before ---- */

/* How long ago the first try may have been, of which this is the repetition number `client_retries`; ms. */
static int64_t
patience(int64_t client_retries)
{
	return (client_retries < TRIES_MOST ? client_retries : TRIES_MOST) * TRY_MS;
}

/* Finds the task that a request without an id of the client's own has created before, which only its content
 * tells. A repetition goes to the latest task that has not been repeated as often yet, deleted or not. A
 * first request goes to one that was created by its own repetition, while it was held up. Notes that in the
 * row; so only inside the transaction. */
static enum err_code
find_by_content(const struct domain_env *env, struct create_order *order)
{
	const struct create_input *input = order->input;
	const struct task_content content = {
	    .user_id = input->user_id,
	    .api_key = input->api_key,
	    .fingerprint = order->fingerprint,
	    .since = input->client_retries > 0 ? clock_wall_ms() - patience(input->client_retries)
	                                       : input->received_at,
	    .least = input->client_retries > 0 ? 0 : 1,
	    .most = input->client_retries > 0 ? input->client_retries : INT64_MAX,
	};
	enum err_code err = store_task_by_content(env->store, order->arena, &content, &order->task);
	if (err == ERR_OK && input->client_retries > 0)
		err = store_task_repeated(env->store, order->task.id, input->client_retries);
	if (err == ERR_OK && order->task.deleted)
		err = ERR_TASK_DELETED;
	order->replayed = err == ERR_OK;
	return err;
}

/* True where a repetition of this request, which has created nothing, would be taken for another request's;
 * also where the store cannot tell. */
static bool
retry_is_ambiguous(const struct domain_env *env, const struct create_order *order)
{
	struct task other;
	const struct task_content content = {
	    .user_id = order->input->user_id,
	    .api_key = order->input->api_key,
	    .fingerprint = order->fingerprint,
	    .since = clock_wall_ms() - patience(TRIES_MOST),
	    .most = INT64_MAX,
	};
	return store_task_by_content(env->store, order->arena, &content, &other) != ERR_NOT_FOUND;
}

/* Finds the task that has this id of the client's. ERR_NOT_FOUND where there is none. */
static enum err_code
look_up(const struct domain_env *env, struct create_order *order, const char *id)
{
	enum err_code err =
	    store_task_by_request(env->store, order->arena, order->input->user_id, id, &order->task);
	if (err != ERR_OK)
		return err;
	if (!crypto_equal(order->task.fingerprint, order->fingerprint, CRYPTO_HASH_SIZE))
		return ERR_REQUEST_ID_REUSED;
	if (order->task.deleted)
		return ERR_TASK_DELETED;
	order->replayed = true;
	return ERR_OK;
}

/* Finds the task that a request with this id of the client's has created before. ERR_NOT_FOUND where there is
 * none. An id is either a task's or a set's, whose tasks have it with a number. */
static enum err_code
find_by_id(const struct domain_env *env, struct create_order *order)
{
	const struct create_input *input = order->input;
	struct task first;
	enum err_code err = look_up(env, order, input->client_request_id);
	if (err != ERR_NOT_FOUND || input->place > 0)
		return err;
	if (input->set_id != NULL)
		return look_up(env, order, input->set_id);
	const char *id = arena_printf(order->arena, "%s#1", input->client_request_id);
	if (id == NULL)
		return ERR_NO_MEMORY;
	err = store_task_by_request(env->store, order->arena, input->user_id, id, &first);
	if (err != ERR_OK)
		return err;
	return create_is_of_set(order->arena, &first) ? ERR_REQUEST_ID_REUSED : ERR_NOT_FOUND;
}

/* ---- the new task ---- */

/* True where the client names no model, or the one that stands for none. */
static bool
names_none(const struct domain_env *env, const char *model)
{
	return model == NULL ||
	       (strcmp(model, MODEL_DEFAULT) == 0 && !channels_list(env->channels, MODEL_DEFAULT));
}

static enum err_code
compose(const struct domain_env *env, struct arena *arena, const struct create_input *input,
        struct task *task)
{
	int64_t now = clock_wall_ms();
	char *video_id = arena_alloc(arena, IDS_VIDEO_SIZE);
	const char *options = create_options(arena, input);
	if (video_id == NULL || options == NULL)
		return ERR_NO_MEMORY;
	ids_video(now, video_id);
	*task = (struct task){
	    .user_id = input->user_id,
	    .api_key = input->api_key,
	    .video_id = video_id,
	    .client_request_id = input->client_request_id,
	    .state = TASK_STATE_SENDING,
	    .prompt = input->prompt,
	    .model = names_none(env, input->model) ? NULL : input->model,
	    .size = input->size,
	    .seconds = input->seconds,
	    .aspect_ratio = input->aspect_ratio,
	    .media_type = "VIDEO",
	    .options = options,
	    .input_file = input->input_file,
	    .input_type = input->input_type,
	    .images = input->images,
	    .metadata = input->metadata,
	    .attempt = 1,
	    .client_retries = input->client_retries,
	    .created_at = now,
	    .updated_at = now,
	    .deadline_at = now + env->config->task_deadline,
	    .due_at = now + lease_submit(env->config),
	    .owner = env->owner,
	};
	return ERR_OK;
}

/* Assigns the task to the channel. Where that does not take it now, or others wait for it, the task waits in
 * READY for its turn, and among its user's goes in order of creation. */
static enum err_code
assign_channel(struct arena *arena, const struct channel *channel, bool open, struct task *task)
{
	task->channel = arena_strdup(arena, channel->name);
	task->key_id = arena_strdup(arena, channel->key_id);
	task->sent_with_key = channel->idempotency_header != NULL;
	if (!open) {
		task->state = TASK_STATE_READY;
		task->due_at = task->created_at;
		task->owner = NULL;
	}
	return task->channel != NULL && task->key_id != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static bool
differs(const char *wished, const char *inherited)
{
	return wished != NULL && (inherited == NULL || strcmp(wished, inherited) != 0);
}

/* The field that a client asks for, and that is the source's all the same; NULL = there is none. */
static const char *
overruled(const struct create_input *input)
{
	const struct task *source = input->source;
	if (differs(input->size, task_shown_size(source)))
		return "size";
	if (differs(input->aspect_ratio, source->aspect_ratio))
		return "aspect_ratio";
	return input->job != DIALECT_EXTEND && input->seconds > 0 &&
	               input->seconds != task_shown_seconds(source)
	           ? "seconds"
	           : NULL;
}

/* The channel of the source makes what is made from it. */
static enum err_code
choose_by_source(const struct domain_env *env, struct create_order *order, struct prices *prices,
                 struct route_choice *ret_choice)
{
	const struct create_input *input = order->input;
	struct task *task = &order->task;
	ret_choice->unsaid.field = overruled(input);
	if (ret_choice->unsaid.field != NULL)
		return ERR_UNSUPPORTED_FIELD;
	enum err_code err = remix_inherit(order->arena, input->source, input->job, task);
	if (err == ERR_OK)
		err = quote_task(env, order->arena, prices, task, &order->quote);
	if (err == ERR_OK)
		err = remix_channel(env->channels, input->source, input->job, &ret_choice->channel);
	if (err == ERR_OK && dialect_source_is_link(ret_choice->channel->dialect, input->job))
		err = remix_add_link(order->arena, input->source, task);
	if (err != ERR_OK)
		return err;
	if (!route_fits(env, order->arena, ret_choice->channel, task))
		return ERR_NO_MODEL;
	if (wish_unsaid(ret_choice->channel, task, input->source, order->arena, &ret_choice->unsaid))
		return ERR_UNSUPPORTED_FIELD;
	return route_open(env, ret_choice->channel, task, &ret_choice->open);
}

/* Prices the task, so that it names all that is priced, and then chooses by what it names, and by what `left`
 * tasks cost: so that where the first of a set has found room in a budget, there is room for each of them. */
static enum err_code
choose_freely(const struct domain_env *env, struct create_order *order, struct prices *prices, size_t left,
              struct route_choice *ret_choice)
{
	enum err_code err = quote_task(env, order->arena, prices, &order->task, &order->quote);
	return err == ERR_OK
	           ? route_choose(env, &order->task, order->quote.amount * (int64_t)left, ret_choice)
	           : err;
}

/* Makes all of a new task but its row. left: how many of its set are not made yet. */
static enum err_code
prepare(const struct domain_env *env, struct create_order *order, struct prices *prices, size_t left)
{
	struct task *task = &order->task;
	struct route_choice choice = {0};
	enum err_code err = compose(env, order->arena, order->input, task);
	if (err == ERR_OK)
		err = order->input->source != NULL ? choose_by_source(env, order, prices, &choice)
		                                   : choose_freely(env, order, prices, left, &choice);
	order->unsaid = choice.unsaid;
	if (err == ERR_OK && choice.open)
		err = route_is_free(env, choice.channel->name, &choice.open);
	if (err == ERR_OK)
		err = assign_channel(order->arena, choice.channel, choice.open, task);
	if (err == ERR_OK)
		memcpy(task->fingerprint, order->fingerprint, CRYPTO_HASH_SIZE);
	channel_release(choice.channel);
	return err;
}

static enum err_code
insert(const struct domain_env *env, struct create_order *order)
{
	struct task *task = &order->task;
	const int64_t bytes = order->input->input_bytes;
	enum err_code err = transition_create(env, &order->quote, task);
	if (err == ERR_OK && bytes > 0)
		err = store_images_add(env->store, task->id, bytes);
	if (err == ERR_OK && task->state == TASK_STATE_SENDING)
		return route_count(env, task);
	struct channel_health health = {0};
	if (err == ERR_OK)
		err = store_channel_health(env->store, task->channel, &health);
	task->account_waits = health.account_failures > 0;
	return err;
}

/* ---- orders ---- */

/* Answers an order that needs no transaction: a repetition is answered also while the database cannot be
 * written. */
static bool
answer_by_reading(const struct domain_env *env, struct create_order *order)
{
	bool named = order->input->client_request_id != NULL;
	if (!create_fingerprint(order->input, order->fingerprint)) {
		order->err = ERR_NO_MEMORY;
		order->retry_ambiguous = !named;
		return true;
	}
	if (!named)
		return false;
	order->err = look_up(env, order, order->input->client_request_id);
	return order->err == ERR_OK || order->err == ERR_REQUEST_ID_REUSED || order->err == ERR_TASK_DELETED;
}

/* ---- sets: the tasks of one request, of which all are made or none ---- */

static size_t
set_size(const struct create_order *first)
{
	return first->input->set > 1 ? (size_t)first->input->set : 1;
}

/* The first order behind the set. */
static struct create_order *
behind_set(struct create_order *first)
{
	for (size_t n = set_size(first); n > 0; n--)
		first = first->next;
	return first;
}

/* Looks the set up. ERR_NOT_FOUND where there is none of it, ERR_OK where all of it is there. */
static enum err_code
find_set(const struct domain_env *env, struct create_order *first)
{
	const struct create_order *end = behind_set(first);
	size_t found = 0;
	for (struct create_order *order = first; order != end; order = order->next) {
		bool named = order->input->client_request_id != NULL;
		order->err = named ? find_by_id(env, order) : find_by_content(env, order);
		if (order->err != ERR_OK && order->err != ERR_NOT_FOUND)
			return order->err;
		found += order->err == ERR_OK;
	}
	if (found > 0 && found < set_size(first))
		return ERR_REQUEST_ID_REUSED; /* for one of the ids, by a request of another kind */
	return found > 0 ? ERR_OK : ERR_NOT_FOUND;
}

/* Checks whether the user can pay for the set. */
static enum err_code
check_price(const struct domain_env *env, struct create_order *first, struct prices *prices)
{
	const struct create_input *input = first->input;
	const struct check check = {
	    .owner = {.user_id = input->user_id, .api_key = input->api_key, .channel = first->task.channel},
	    .payer = &first->quote.payer,
	    .budgets = &prices->budgets,
	    .amount = first->quote.amount * (int64_t)set_size(first),
	    .now = first->quote.at,
	    .cap = input->cap,
	};
	return first->quote.billed ? check_payable(env, first->arena, &check, &first->refusal) : ERR_OK;
}

/* What refuses one task of a set, its model or a field, refuses the first one already. Each is written before
 * the next one is prepared, so that a channel's room is counted down. */
static enum err_code
make_set(const struct domain_env *env, struct create_order *first, struct prices *prices)
{
	const struct create_order *end = behind_set(first);
	struct admit wanted = {.user_id = first->input->user_id,
	                       .api_key = first->input->api_key,
	                       .count = (int64_t)set_size(first)};
	size_t left = set_size(first);
	enum err_code err = prepare(env, first, prices, left);
	wanted.model = first->task.model;
	if (err == ERR_OK)
		err = upload_fits(env->config, env->store, first->input->user_id,
		                  first->input->input_bytes * (int64_t)set_size(first));
	if (err == ERR_OK)
		err = admit_check(env, first->arena, &wanted, first->task.created_at, &first->wait_ms);
	if (err == ERR_OK)
		err = check_price(env, first, prices);
	if (err == ERR_OK)
		err = admit_count(env, &wanted, first->task.created_at);
	if (err == ERR_OK)
		err = insert(env, first);
	first->err = err;
	for (struct create_order *order = first->next; order != end && err == ERR_OK; order = order->next) {
		err = prepare(env, order, prices, --left);
		if (err == ERR_OK)
			err = insert(env, order);
		order->err = err;
		if (err != ERR_OK && scope_of(err) == OF_ORDER)
			err = ERR_INTERNAL; /* half a set is none: nothing of the transaction is kept */
	}
	return err;
}

/* Inside the transaction: what is found now, or not, stays so. */
static enum err_code
write_set(const struct domain_env *env, struct create_order *first, struct prices *prices)
{
	const struct create_order *end = behind_set(first);
	enum err_code err = find_set(env, first);
	bool fresh = err == ERR_NOT_FOUND;
	if (fresh)
		err = make_set(env, first, prices);
	for (struct create_order *order = first; order != end && err != ERR_OK; order = order->next) {
		order->err = err;
		order->replayed = false;
		order->unsaid = first->unsaid;
		order->refusal = first->refusal;
		order->quote = first->quote;
		if (fresh && order->input->client_request_id == NULL && scope_of(err) == OF_ORDER)
			order->retry_ambiguous = retry_is_ambiguous(env, order);
	}
	return err;
}

static enum err_code
write_orders(const struct domain_env *env, struct create_order *orders)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	struct prices prices = {.at = clock_wall_ms()};
	if (err == ERR_OK) /* the channels stay as they are until the rows say where they go */
		channels_refresh(env->channels, env->store);
	for (struct create_order *set = orders; set != NULL && err == ERR_OK; set = behind_set(set)) {
		if (set->answered)
			continue;
		enum err_code failed = write_set(env, set, &prices);
		if (scope_of(failed) == OF_STORE)
			err = failed;
	}
	return store_end(env->store, err);
}

/* The store has failed, before or after this order's turn. Reads may still work: another process that holds
 * the database up writes. */
static void
fail_order(const struct domain_env *env, struct create_order *order, enum err_code err)
{
	if (order->err == ERR_OK || scope_of(order->err) == OF_ORDER) {
		order->err = err;
		order->replayed = false;
	}
	if (order->input->client_request_id == NULL)
		order->retry_ambiguous = retry_is_ambiguous(env, order);
}

/* The same for a set: wholly, or not. */
static bool
answer_set(const struct domain_env *env, struct create_order *first)
{
	const struct create_order *end = behind_set(first);
	bool answered = true, lost = false;
	for (struct create_order *order = first; order != end; order = order->next) {
		answered = answer_by_reading(env, order) && answered;
		lost = lost || order->err == ERR_NO_MEMORY;
	}
	for (struct create_order *order = first; order != end; order = order->next) {
		order->answered = answered || lost;
		if (lost)
			order->err = ERR_NO_MEMORY;
	}
	return answered || lost;
}

void
create_tasks(const struct domain_env *env, struct create_order *orders)
{
	bool all_answered = true;
	for (struct create_order *set = orders; set != NULL; set = behind_set(set))
		all_answered = answer_set(env, set) && all_answered;
	kill_point("create.begun");
	enum err_code err = all_answered ? ERR_OK : write_orders(env, orders);
	kill_point("create.written");
	for (struct create_order *order = orders; order != NULL && err != ERR_OK; order = order->next)
		if (!order->answered)
			fail_order(env, order, err);
}
