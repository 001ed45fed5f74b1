/* The verbs of the store, each as it is used; see verbs.h. */
#include "support/verbs.h"
#include "support/verbs_more.h"

#include "store/archive.h"
#include "store/channel.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/database.h"
#include "store/feed.h"
#include "store/key.h"
#include "store/lineage.h"
#include "store/list.h"
#include "store/rate.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "store/token.h"
#include "store/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const uint8_t token[CRYPTO_HASH_SIZE] = {7};
static const uint8_t new_token[CRYPTO_HASH_SIZE] = {8};
static const uint8_t key_token[CRYPTO_HASH_SIZE] = {9};

/* The verbs, each as it is used. */
static enum err_code
user_add(struct ground *g)
{
	struct user user = {.username = "new", .password_hash = "$h"};
	int64_t id;
	enum err_code err = store_user_add(g->s->store, &user, &id);
	return err == ERR_OK ? store_user_set_block(g->s->store, id, "192.0.2.0/24") : err;
}

static enum err_code
user_by_name(struct ground *g)
{
	struct user user;
	return store_user_by_name(g->s->store, g->s->arena, "ada", &user);
}

static enum err_code
user_by_token(struct ground *g)
{
	struct user user;
	return store_user_by_token(g->s->store, g->s->arena, token, 1000, &user);
}

static enum err_code
user_enabled(struct ground *g)
{
	bool enabled;
	return store_user_enabled(g->s->store, g->s->user, &enabled);
}

static enum err_code
user_list(struct ground *g)
{
	struct user *users;
	size_t count;
	return store_user_list(g->s->store, g->s->arena, &users, &count);
}

static enum err_code
user_set_password(struct ground *g)
{
	return store_user_set_password(g->s->store, g->s->user, "$new", NULL);
}

static enum err_code
user_disable(struct ground *g)
{
	return store_user_disable(g->s->store, g->s->user, true);
}

static enum err_code
key_add(struct ground *g)
{
	const struct key key = {.name = "new", .hint = "sk-", .created_at = 1000};
	int64_t id;
	return store_key_add(g->s->store, g->s->user, &key, new_token, &id);
}

static enum err_code
key_list(struct ground *g)
{
	struct key *keys;
	size_t count;
	return store_key_list(g->s->store, g->s->arena, g->s->user, &keys, &count);
}

static enum err_code
key_remove(struct ground *g)
{
	return store_key_remove(g->s->store, g->s->user, g->key);
}

static enum err_code
key_used(struct ground *g)
{
	return store_key_used(g->s->store, g->key, 2000);
}

static enum err_code
token_add(struct ground *g)
{
	return store_token_add(g->s->store, new_token, g->s->user, NULL, 1000, 9000);
}

static enum err_code
token_revoke(struct ground *g)
{
	return store_token_revoke(g->s->store, token);
}

static enum err_code
purge(struct ground *g)
{
	int64_t count;
	return store_purge(g->s->store, 1764291402480, 100, &count);
}

static enum err_code
rate_take(struct ground *g)
{
	int64_t wait;
	enum err_code err = store_rate_refund(g->s->store, "bucket", 60);
	return err != ERR_OK ? err : store_rate_take(g->s->store, "bucket", 120, 1000, &wait);
}

static enum err_code
channel_health(struct ground *g)
{
	struct channel_health health;
	return store_channel_health(g->s->store, "default", &health);
}

static enum err_code
channel_set_health(struct ground *g)
{
	struct channel_health health = {.failures = 9};
	return store_channel_set_health(g->s->store, "default", &health);
}

static enum err_code
channels_read(struct ground *g)
{
	struct channel_row *rows;
	struct channel_load load;
	struct task *tasks;
	size_t count;
	int64_t number;
	const struct channel_limits limits = {.concurrency = 3, .rate = 3};
	enum err_code err = store_channels_generation(g->s->store, &number);
	if (err == ERR_OK)
		err = store_channels_all(g->s->store, g->s->arena, &rows, &count);
	if (err == ERR_OK)
		err = store_channel_load(g->s->store, "default", &load);
	if (err == ERR_OK)
		err = store_channel_room(g->s->store, "default", &limits, 1000, &number);
	if (err == ERR_OK)
		err = store_channel_backlog(g->s->store, g->s->arena, "default",
		                            &(struct channel_piece){.most = 10}, &tasks, &count);
	return err;
}

static enum err_code
channel_put(struct ground *g)
{
	const struct channel_row row = {
	    .name = "second", .base = "http://a", .dialect = "sora", .models = "", .weight = 1};
	enum err_code err = store_channel_put(g->s->store, &row);
	if (err == ERR_OK)
		err = store_channel_add_key(g->s->store, "second", "env:A");
	return err;
}

static enum err_code
channel_keys(struct ground *g)
{
	enum err_code err = store_channel_add_key(g->s->store, "default", "env:B");
	return err == ERR_OK ? store_channel_drop_key(g->s->store, "default", NULL) : err;
}

static enum err_code
channel_note(struct ground *g)
{
	return store_channel_note(g->s->store, "default", g->ready, 1000);
}

static enum err_code
channel_shift(struct ground *g)
{
	const struct task task = {.id = g->ready, .attempt = 1};
	return store_channel_reassign(g->s->store, &task, "third");
}

static enum err_code
task_add(struct ground *g)
{
	struct task task = stores_task(g->s->user, "video_new");
	int64_t id, rev;
	task.channel = "new";
	return store_task_add(g->s->store, &task, &id, &rev);
}

static enum err_code
task_get(struct ground *g)
{
	struct task task;
	return store_task_get(g->s->store, g->s->arena, g->s->user, "video_ready", &task);
}

static enum err_code
task_by_request(struct ground *g)
{
	struct task task;
	return store_task_by_request(g->s->store, g->s->arena, g->s->user, "request", &task);
}

static enum err_code
task_shown(struct ground *g)
{
	struct task task;
	return store_task_shown(g->s->store, g->s->arena, g->s->user, "video_ready", &task);
}

static enum err_code
task_requested(struct ground *g)
{
	struct task task;
	return store_task_requested(g->s->store, g->s->arena, g->s->user, "request", &task);
}

static enum err_code
task_list(struct ground *g)
{
	struct task_filter filter = {.user_id = g->s->user, .status = TASK_STATUS__MAX};
	struct task_page page = {.limit = 10};
	struct task_found found;
	return store_task_list(g->s->store, g->s->arena, &filter, &page, &found);
}

static enum err_code
task_count(struct ground *g)
{
	struct task_filter filter = {.user_id = g->s->user, .status = TASK_STATUS__MAX};
	int64_t count;
	return store_task_count(g->s->store, &filter, &count);
}

static enum err_code
task_move(struct ground *g)
{
	struct task_move move = stores_move(g->running, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	int64_t rev;
	return store_task_move(g->s->store, &move, &rev);
}

static enum err_code
task_return(struct ground *g)
{
	return store_lease_return(g->s->store,
	                          &(struct task_return){g->ready, 1, TASK_STATE_READY, NULL, 9000, 1, 1});
}

static enum err_code
task_claim(struct ground *g)
{
	struct task *tasks;
	size_t count;
	return store_task_claim(g->s->store, g->s->arena,
	                        &(struct task_claim){.owner = "p", .now = 5000, .until = 6000, .limit = 10},
	                        &tasks, &count);
}

static enum err_code
task_by_content(struct ground *g)
{
	static const uint8_t print[CRYPTO_HASH_SIZE] = {1, 2, 3};
	const struct task_content content = {g->s->user, 0, print, 0, 0, 9};
	struct task task;
	return store_task_by_content(g->s->store, g->s->arena, &content, &task);
}

static enum err_code
task_repeated(struct ground *g)
{
	enum err_code err = store_task_set_key(g->s->store, g->ready, true, "0a");
	if (err == ERR_OK)
		err = store_task_set_unsent(g->s->store, g->ready);
	if (err == ERR_OK)
		err = store_task_sent_at(g->s->store, g->ready, &(int64_t){0});
	return err != ERR_OK ? err : store_task_repeated(g->s->store, g->ready, 3);
}

static enum err_code
task_traces(struct ground *g)
{
	bool known;
	struct task task = stores_task(g->s->user, "video_ready");
	const struct task_meant meant = {.until = INT64_MAX};
	struct task_rivals rivals;
	enum err_code err = store_external_known(g->s->store, &task, "job", &known);
	return err != ERR_OK ? err : store_task_rivals(g->s->store, &task, &meant, &rivals);
}

static enum err_code
task_lineage(struct ground *g)
{
	struct task *tasks;
	size_t count;
	return store_task_lineage(g->s->store, g->s->arena, g->running, 10, &tasks, &count);
}

static enum err_code
task_retry(struct ground *g)
{
	const struct task_retry again = {.id = g->failed, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	int64_t rev;
	return store_task_retry(g->s->store, &again, &rev);
}

static enum err_code
lease_extend(struct ground *g)
{
	return store_lease_extend(g->s->store, g->sending, 1, "p", 9000);
}

static enum err_code
attempt_learn(struct ground *g)
{
	return store_attempt_learn(g->s->store, g->retried, 1, "late");
}

static enum err_code
task_delete(struct ground *g)
{
	int64_t rev;
	enum err_code err = store_task_delete(g->s->store, g->failed, 9000, &rev);
	return err == ERR_OK ? store_counts_mend(g->s->store) : err;
}

static enum err_code
clock_back(struct ground *g)
{
	return store_clock_back(g->s->store, 900, 950, 950, false);
}

static enum err_code
clock_shift(struct ground *g)
{
	int64_t step, deadline;
	bool known;
	enum err_code err = store_clock_step(g->s->store, &step);
	if (err == ERR_OK)
		err = store_clock_known(g->s->store, &known);
	if (err == ERR_OK)
		err = store_clock_deadline(g->s->store, g->ready, &deadline);
	return err == ERR_OK ? store_clock_shift(g->s->store, 5000) : err;
}

static enum err_code
feed_head(struct ground *g)
{
	const char *epoch;
	int64_t rev;
	return store_feed_head(g->s->store, g->s->arena, &epoch, &rev);
}

static enum err_code
feed_since(struct ground *g)
{
	struct task *tasks;
	size_t count;
	bool more;
	return store_feed_since(g->s->store, g->s->arena, &(struct feed_window){g->s->user, 0, 10, 1000},
	                        &tasks, &count, &more);
}

static enum err_code
feed_changes(struct ground *g)
{
	struct feed_change *changes;
	size_t count;
	return store_feed_changes(g->s->store, g->s->arena, 0, &changes, &count);
}

static enum err_code
data_version(struct ground *g)
{
	int64_t version;
	bool match;
	enum err_code err = store_data_version(g->s->store, &version);
	return err == ERR_OK ? store_counts_check(g->s->store, &match) : err;
}

const struct verb verbs[] = {
    {"user_add", user_add, true},
    {"user_by_name", user_by_name, false},
    {"user_by_token", user_by_token, false},
    {"user_enabled", user_enabled, false},
    {"user_list", user_list, false},
    {"user_set_password", user_set_password, true},
    {"user_disable", user_disable, true},
    {"key_add", key_add, true},
    {"key_list", key_list, false},
    {"key_remove", key_remove, true},
    {"key_used", key_used, true},
    {"group_add, user_set, key_set", verb_limits, true},
    {"token_add", token_add, true},
    {"token_revoke", token_revoke, true},
    {"purge", purge, true},
    {"rate_refund, rate_take", rate_take, true},
    {"channel_health", channel_health, false},
    {"channel_set_health", channel_set_health, true},
    {"channels_read", channels_read, false},
    {"channel_put", channel_put, true},
    {"channel_keys", channel_keys, true},
    {"channel_note", channel_note, true},
    {"channel_shift", channel_shift, true},
    {"task_add", task_add, true},
    {"task_get", task_get, false},
    {"task_by_request", task_by_request, false},
    {"task_shown", task_shown, false},
    {"task_requested", task_requested, false},
    {"task_list", task_list, false},
    {"task_count", task_count, false},
    {"task_move", task_move, true},
    {"task_return", task_return, true},
    {"task_claim", task_claim, true},
    {"task_by_content", task_by_content, false},
    {"task_set_key, task_repeated", task_repeated, true},
    {"external_known, task_rivals", task_traces, false},
    {"task_lineage", task_lineage, false},
    {"task_retry", task_retry, true},
    {"lease_extend", lease_extend, true},
    {"attempt_learn", attempt_learn, true},
    {"task_delete, counts_mend", task_delete, true},
    {"clock_back", clock_back, true},
    {"clock_step, clock_known, clock_deadline, clock_shift", clock_shift, true},
    {"feed_head", feed_head, false},
    {"feed_since", feed_since, false},
    {"feed_changes", feed_changes, false},
    VERBS_MORE{"data_version, counts_check", data_version, false},
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

static int64_t
add(struct stores *s, const char *video_id, enum task_state state)
{
	struct task task = stores_task(s->user, video_id);
	task.state = state;
	task.client_request_id = state == TASK_STATE_READY ? "request" : NULL;
	task.external_id = state == TASK_STATE_RUNNING ? "job" : NULL;
	task.owner = state == TASK_STATE_SENDING ? "p" : NULL;
	return stores_add(s->store, &task);
}

struct ground
verbs_ground(void)
{
	struct ground g = {.s = stores_new()};
	int64_t wait, rev;
	g.ready = add(g.s, "video_ready", TASK_STATE_READY);
	g.running = add(g.s, "video_running", TASK_STATE_RUNNING);
	g.failed = add(g.s, "video_failed", TASK_STATE_FAILED);
	g.sending = add(g.s, "video_sending", TASK_STATE_SENDING);
	g.completed = add(g.s, "video_completed", TASK_STATE_RUNNING);
	g.retried = add(g.s, "video_retried", TASK_STATE_FAILED);
	assert_int_equal(store_begin(g.s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_token_add(g.s->store, token, g.s->user, NULL, 1000, 5000), ERR_OK);
	assert_int_equal(store_rate_take(g.s->store, "bucket", 60, 1000, &wait), ERR_OK);
	const struct key key = {.name = "old", .hint = "sk-", .created_at = 1000};
	assert_int_equal(store_key_add(g.s->store, g.s->user, &key, key_token, &g.key), ERR_OK);
	struct task_move complete = stores_move(g.completed, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	complete.attempt = 1;
	complete.completed_at = 1000;
	struct task task;
	int64_t tries;
	assert_int_equal(store_task_move(g.s->store, &complete, &rev), ERR_OK);
	assert_int_equal(stores_claim_video(g.s, "a", 2000, 9000, &task, &tries), ERR_OK);
	const struct task_retry again = {.id = g.retried, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	assert_int_equal(store_task_retry(g.s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(g.s->store), ERR_OK);
	verbs_more_ground(&g);
	return g;
}
