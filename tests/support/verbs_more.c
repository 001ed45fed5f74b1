/* The verbs of the store that are about webhooks and numbers, each as it is used; see verbs.h. */
#include "support/verbs_more.h"
#include "store/channel_model.h"
#include "store/archive.h"
#include "store/claim.h"
#include "store/delivery.h"
#include "store/group.h"
#include "store/image.h"
#include "store/inbound.h"
#include "store/key.h"
#include "store/share.h"
#include "store/list.h"
#include "store/place.h"
#include "store/search.h"
#include "store/session.h"
#include "store/stats.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"
#include "store/webhook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Groups, and the limits of users and keys. */
enum err_code
verb_limits(struct ground *g)
{
	struct store *store = g->s->store;
	struct arena *arena = g->s->arena;
	struct group group = {.name = "friends", .multiplier_ppm = 1, .models = "", .rate = 1}, *groups;
	struct user_settings settings;
	struct key key;
	size_t count;
	enum err_code err = store_group_add(store, &group, &group.id);
	if (err == ERR_OK)
		err = store_group_set(store, &group);
	if (err == ERR_OK)
		err = store_group_by_name(store, arena, "FRIENDS", &group);
	if (err == ERR_OK)
		err = store_group_list(store, arena, &groups, &count);
	if (err == ERR_OK)
		err = store_user_settings(store, arena, g->s->user, &settings);
	settings.rate = 7;
	if (err == ERR_OK)
		err = store_user_set(store, g->s->user, &settings);
	if (err == ERR_OK)
		err = store_key_get(store, arena, g->s->user, g->key, &key);
	key.max_open = 3;
	if (err == ERR_OK)
		err = store_key_set(store, &key);
	return err == ERR_OK ? store_group_remove(store, group.id) : err;
}

enum err_code
verb_place_note(struct ground *g)
{
	return store_place_note(g->s->store, g->s->user, "192.0.2.0/24", 1000, 0);
}

enum err_code
verb_place_known(struct ground *g)
{
	bool known;
	return store_place_known(g->s->store, g->s->user, "192.0.2.0/24", 0, &known);
}

enum err_code
verb_session_end(struct ground *g)
{
	static const uint8_t hash[CRYPTO_HASH_SIZE] = {0xee};
	int64_t count;
	enum err_code err = store_session_used(g->s->store, hash, 2000);
	if (err == ERR_OK)
		err = store_session_trim(g->s->store, g->s->user, hash, 10);
	return err != ERR_OK ? err : store_session_end_others(g->s->store, g->s->user, NULL, &count);
}

enum err_code
verb_session_list(struct ground *g)
{
	struct session *sessions;
	size_t count;
	return store_session_list(g->s->store, g->s->arena, g->s->user, 1000, &sessions, &count);
}

enum err_code
verb_search(struct ground *g)
{
	struct task_filter filter = {.user_id = g->s->user, .status = TASK_STATUS__MAX, .text = "job"};
	struct task_page page = {.limit = 10};
	struct task_found found;
	int64_t rev = 0, user_id, first_id = 0;
	bool yes;
	enum err_code err = store_task_list(g->s->store, g->s->arena, &filter, &page, &found);
	if (err == ERR_OK)
		err = store_search_wanting(g->s->store, &rev, &user_id, &yes);
	return err != ERR_OK ? err : store_search_check(g->s->store, g->s->arena, &first_id, &yes);
}

enum err_code
verb_search_index(struct ground *g)
{
	int64_t rev;
	enum err_code err = store_search_clear(g->s->store);
	if (err == ERR_OK)
		err = store_search_index(g->s->store, g->s->arena, g->s->user);
	if (err == ERR_OK)
		err = store_search_come(g->s->store, &rev);
	return err != ERR_OK ? err : store_search_note(g->s->store, rev + 1);
}

enum err_code
verb_webhook_add(struct ground *g)
{
	const struct webhook webhook = {.url = "https://b.example/", .failed = true, .secret = "whsec_"};
	int64_t id;
	return store_webhook_add(g->s->store, g->s->user, &webhook, &id);
}

enum err_code
verb_webhook_read(struct ground *g)
{
	struct webhook webhook, *webhooks;
	size_t count;
	enum err_code err = store_webhook_get(g->s->store, g->s->arena, g->s->user, g->webhook, &webhook);
	return err != ERR_OK ? err
	                     : store_webhook_list(g->s->store, g->s->arena, g->s->user, &webhooks, &count);
}

enum err_code
verb_webhook_set(struct ground *g)
{
	const struct webhook webhook = {
	    .id = g->webhook, .url = "https://c.example/", .secret = "whsec_new", .old_until = 9000};
	enum err_code err = store_webhook_set(g->s->store, &webhook);
	return err != ERR_OK ? err : store_webhook_rotate(g->s->store, &webhook);
}

enum err_code
verb_webhook_delete(struct ground *g)
{
	return store_webhook_delete(g->s->store, g->webhook);
}

enum err_code
verb_webhook_mark(struct ground *g)
{
	int64_t since;
	const struct delivery delivery = {
	    .webhook_id = g->webhook, .url = "https://a.example/", .tried_at = 5000};
	enum err_code err = store_webhook_fails(g->s->store, &delivery, &since);
	if (err == ERR_OK)
		err = store_webhook_works(g->s->store, g->webhook);
	return err != ERR_OK ? err : store_webhook_disable(g->s->store, g->webhook, "gone");
}

/* Claims deliveries, and hands on the first. */
static enum err_code
with_claimed(struct ground *g, int64_t due_at,
             enum err_code (*give_back)(struct store *store, const struct delivery *delivery))
{
	struct delivery *deliveries;
	size_t count;
	enum err_code err = store_delivery_claim(
	    g->s->store, g->s->arena, &(struct delivery_claim){"p", 9000, 9900, 10, 4}, &deliveries, &count);
	if (err != ERR_OK || count == 0)
		return err;
	struct delivery delivery = deliveries[0];
	delivery.owner = "p";
	delivery.due_at = due_at;
	return give_back(g->s->store, &delivery);
}

enum err_code
verb_delivery_claim(struct ground *g)
{
	return with_claimed(g, 0, store_delivery_end);
}

enum err_code
verb_delivery_return(struct ground *g)
{
	return with_claimed(g, 9500, store_delivery_return);
}

enum err_code
verb_delivery_read(struct ground *g)
{
	struct delivery *deliveries;
	size_t count;
	int64_t due;
	const struct delivery_page page = {INT64_MAX, 10};
	enum err_code err = store_delivery_next_due(g->s->store, 5000, 4, &due);
	return err != ERR_OK
	           ? err
	           : store_delivery_list(g->s->store, g->s->arena, g->webhook, &page, &deliveries, &count);
}

enum err_code
verb_delivery_replay(struct ground *g)
{
	return store_delivery_replay(g->s->store, g->webhook, g->delivery, 9000);
}

enum err_code
verb_delivery_purge(struct ground *g)
{
	return store_delivery_purge(g->s->store, 9000, 10);
}

enum err_code
verb_inbound_add(struct ground *g)
{
	return store_inbound_add(g->s->store, &(struct inbound){"default x", 9000, "default", "job", 5000});
}

enum err_code
verb_stats(struct ground *g)
{
	int64_t counts[TASK_STATUS__MAX];
	struct stats stats;
	struct channel_doing *channels;
	size_t count;
	const struct stats_range range = {g->s->user, 0, INT64_MAX, 100};
	enum err_code err = store_stats(g->s->store, g->s->arena, &range, &stats);
	if (err == ERR_OK)
		err = store_stats_tally(g->s->store, counts);
	return err != ERR_OK ? err : store_stats_channels(g->s->store, g->s->arena, &channels, &count);
}

enum err_code
verb_channel_model(struct ground *g)
{
	struct model_health health;
	struct model_cooldown *models;
	size_t count;
	enum err_code err = store_channel_model(g->s->store, "default", "m", &health);
	return err == ERR_OK ? store_channel_resting(g->s->store, g->s->arena, NULL, 1, &models, &count)
	                     : err;
}

enum err_code
verb_channel_set_model(struct ground *g)
{
	const struct model_health health = {.failures = 2, .until = 99};
	return store_channel_set_model(g->s->store, "default", "m", &health, 1);
}

enum err_code
verb_share_deal(struct ground *g)
{
	struct store *store = g->s->store;
	enum err_code err = store_poller_extend(store, "p", 9000, true);
	if (err == ERR_OK)
		err = store_share_set(store, 3, "p", 5000);
	if (err == ERR_OK)
		err = store_poller_purge(store, 5000);
	return err == ERR_OK ? store_poller_remove(store, "p") : err;
}

static void
see_task(void *cookie, const struct task *task)
{
	*(int64_t *)cookie += task->id > 0;
}

enum err_code
verb_share_read(struct ground *g)
{
	struct store *store = g->s->store;
	struct share shares[SHARES];
	struct share_change *changes;
	struct share_asked *asked;
	struct task task;
	size_t count;
	int64_t number = 0;
	bool yes;
	enum err_code err = store_share_list(store, g->s->arena, shares);
	err = err == ERR_OK ? store_share_idle(store, 5000, &yes) : err;
	err = err == ERR_OK ? store_share_lag(store, 5000, &number) : err;
	err = err == ERR_OK ? store_poller_known(store, "p", &yes) : err;
	err = err == ERR_OK ? store_poller_count(store, "p", &number) : err;
	err = err == ERR_OK ? store_share_task(store, g->s->arena, g->running, &task) : err;
	err = err == ERR_OK ? store_share_changes(store, g->s->arena, 0, 9, &changes, &count) : err;
	err = err == ERR_OK ? store_share_asked(store, g->s->arena, 0, 10, &asked, &count) : err;
	err = err == ERR_OK ? store_share_due(store, g->running, &number) : err;
	return err == ERR_OK ? store_share_tasks(store, UINT64_MAX, see_task, &number) : err;
}

/* Ends a task, so that the endpoint is to be told. */
static void
cancel(struct stores *s, const char *video_id)
{
	const struct task task = stores_task(s->user, video_id);
	const struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_READY, TASK_STATE_CANCELLED);
	stores_make(s->store, &move);
}

enum err_code
verb_archive_claim(struct ground *g)
{
	struct task task;
	int64_t tries;
	return stores_claim_video(g->s, "b", INT64_MAX - 1, INT64_MAX, &task, &tries);
}

enum err_code
verb_archive_keep(struct ground *g)
{
	const struct archive_entry file = {.type = "video/mp4", .size = 5, .kept_at = 3000};
	return store_archive_keep(g->s->store, g->completed, "a", &file);
}

enum err_code
verb_archive_return(struct ground *g)
{
	return store_archive_return(g->s->store, g->completed, "a", 9000, true);
}

enum err_code
verb_archive_drop(struct ground *g)
{
	return store_archive_drop(g->s->store, g->completed);
}

enum err_code
verb_archive_read(struct ground *g)
{
	struct archive_entry file;
	int64_t number;
	bool known;
	enum err_code err = store_archive_next_due(g->s->store, &number);
	if (err == ERR_OK)
		err = store_archive_total(g->s->store, &number, &number);
	if (err == ERR_OK)
		err = store_archive_known(g->s->store, "video_completed", &known, &number);
	if (err == ERR_OK)
		err = store_archive_look(g->s->store, g->s->arena, g->completed, &file);
	if (err == ERR_OK)
		err = store_archive_get(g->s->store, g->s->arena, g->completed, &file);
	if (err == ERR_NOT_FOUND)
		err = store_archive_oldest(g->s->store, g->s->arena, &file);
	if (err == ERR_NOT_FOUND)
		err = store_archive_victim(g->s->store, g->s->arena, &file);
	if (err == ERR_NOT_FOUND)
		err = store_archive_after(g->s->store, g->s->arena, 0, &file);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err_code
verb_images(struct ground *g)
{
	struct images_held held;
	struct image_row *rows;
	size_t count;
	bool gone;
	enum err_code err = store_images_add(g->s->store, g->completed, 7);
	if (err == ERR_OK)
		err = store_images_held(g->s->store, g->s->user, &held);
	if (err == ERR_OK)
		err = store_images_old(g->s->store, g->s->arena, 9000, 1, &rows, &count);
	if (err == ERR_OK)
		err = store_images_gone(g->s->store, g->completed, &gone);
	return err == ERR_OK ? store_images_forget(g->s->store, g->completed, 9000) : err;
}

enum err_code
verb_archive_want(struct ground *g)
{
	const struct archive_entry file = {.type = "video/mp4", .size = 5, .kept_at = 3000};
	enum err_code err = store_archive_keep(g->s->store, g->completed, "a", &file);
	return err == ERR_OK ? store_archive_want(g->s->store, g->completed, 4000) : err;
}

void
verbs_more_ground(struct ground *g)
{
	struct store *store = g->s->store;
	const struct webhook webhook = {
	    .url = "https://a.example/", .completed = true, .failed = true, .secret = "whsec_"};
	struct delivery *deliveries;
	size_t count;
	const struct delivery_claim claim = {"p", 5000, 6000, 10, 4};
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_webhook_add(store, g->s->user, &webhook, &g->webhook), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	cancel(g->s, "video_cancelled");
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_delivery_claim(store, g->s->arena, &claim, &deliveries, &count), ERR_OK);
	struct delivery ended = {.id = deliveries[0].id, .owner = "p"};
	assert_int_equal(store_delivery_end(store, &ended), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	g->delivery = ended.id;
	cancel(g->s, "video_called_off");
}

enum err_code
verb_task_next_due(struct ground *g)
{
	int64_t due;
	return store_task_next_due(g->s->store, &due);
}
