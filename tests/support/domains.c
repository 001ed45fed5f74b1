/* See domains.h. */
#include "support/domains.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/channel/queue.h"
#include "domain/lease.h"
#include "store/channel.h"
#include "store/clock.h"
#include "store/list.h"
#include "store/store.h"
#include "store/db.h"
#include "support/raw.h"
#include "upstream/http/client.h"

/* An address at which every connection is refused, for as long as the socket is open. */
static int
deaf_address(char *ret_base, size_t size)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(ret_base, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
	return fd;
}

struct domains *
domains_new(const struct fake_step *steps, size_t count)
{
	return domains_new_as("sora", steps, count);
}

struct domains *
domains_new_as(const char *dialect, const struct fake_step *steps, size_t count)
{
	struct domains *d = calloc(1, sizeof(*d));
	assert_non_null(d);
	d->s = stores_new();
	d->deaf = -1;
	if (count > 0) {
		d->fake = fake_upstream_new(steps, count);
		snprintf(d->base, sizeof(d->base), "%s", fake_upstream_base(d->fake));
	} else {
		d->deaf = deaf_address(d->base, sizeof(d->base));
	}
	d->config = (struct config){
	    .billing = "off",
	    .week_start = "monday",
	    .cancel_charge = "never",
	    .late_hold = 3600000,
	    .data = d->s->dir,
	    .registration = "open",
	    .token_lifetime = 60000,
	    .poll_interval_min = 2000,
	    .poll_interval_max = 60000,
	    .task_deadline = 3600000,
	    .late_window = 86400000,
	    .submit_timeout = 20000,
	    .poll_timeout = 20000,
	    .lease_margin = 10000,
	    .channel_connections = 8,
	    .upstream_base = d->base,
	    .upstream_key = "key",
	    .upstream_dialect = dialect,
	    .upstream_idempotency = "off",
	    .upstream_private = "off",
	};
	d->env = (struct domain_env){
	    .config = &d->config,
	    .owner = "me",
	    .store = d->s->store,
	    .loop = loop_new(),
	};
	assert_non_null(d->env.loop);
	d->env.http = http_new(d->env.loop, 0);
	assert_non_null(d->env.http);
	domains_queues(d, (size_t)d->config.channel_connections);
	domains_configure(d);
	return d;
}

void
domains_queues(struct domains *d, size_t width)
{
	queues_free(d->env.queues);
	d->env.queues = queues_new(d->env.loop, width);
	assert_non_null(d->env.queues);
}

void
domains_hang_up(struct domains *d)
{
	queues_hang_up(d->env.queues);
	http_free(d->env.http);
	d->env.http = NULL;
}

void
domains_configure(struct domains *d)
{
	char why[256];
	channels_close(d->channels);
	d->channels = channels_open(&d->config, "conf/dialects", why, sizeof(why));
	assert_non_null(d->channels);
	d->env.channels = d->channels;
}

static void
put_channel(struct store *store, const char *base, const char *key)
{
	const struct channel_row row = {
	    .name = "x", .base = base, .dialect = "openai", .models = "", .weight = 1, .enabled = true};
	assert_int_equal(store_begin(store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(store, &row), ERR_OK);
	if (key != NULL)
		assert_int_equal(store_channel_add_key(store, "x", key), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
}

void
domains_channel(struct domains *d, const char *base, const char *key)
{
	put_channel(d->s->store, base, key);
	channels_refresh(d->channels, d->s->store);
}

/* The test whose next transaction is to begin after another's. */
static struct domains *waiting;

static enum err_code
begin_after(void *db, enum engine_transaction kind)
{
	struct domains *d = waiting;
	if (kind != ENGINE_SNAPSHOT && d->other != NULL && db == d->s->store->db) {
		put_channel(d->other, d->meanwhile_base, d->meanwhile_key);
		store_close(d->other);
		d->other = NULL;
	}
	return engine_sqlite.begin(db, kind);
}

void
domains_channel_meanwhile(struct domains *d, const char *base, const char *key)
{
	d->meanwhile_base = base;
	d->meanwhile_key = key;
	assert_int_equal(store_open(d->s->dir, STORE_WRITE, &d->other), ERR_OK);
	waiting = d;
	d->engine = *d->s->store->engine;
	d->engine.begin = begin_after;
	d->s->store->engine = &d->engine;
}

void
domains_free(struct domains *d)
{
	domains_hang_up(d);
	queues_free(d->env.queues);
	loop_free(d->env.loop);
	channels_close(d->channels);
	fake_upstream_free(d->fake);
	if (d->deaf >= 0)
		close(d->deaf);
	stores_free(d->s);
	free(d);
}

struct task
domains_task(struct domains *d, const char *video_id, enum task_state state)
{
	int64_t now = clock_wall_ms();
	struct task task = stores_task(d->s->user, video_id);
	task.state = state;
	task.created_at = task.updated_at = now;
	task.deadline_at = now + d->config.task_deadline;
	task.due_at = now + lease_submit(&d->config);
	task.owner = state != TASK_STATE_RUNNING ? d->env.owner : NULL; /* that is polled, see shares.h */
	task.sent_with_key = strcmp(d->config.upstream_idempotency, "on") == 0;
	if (state != TASK_STATE_READY && state != TASK_STATE_SENDING)
		task.external_id = "up-1";
	stores_add(d->s->store, &task);
	return stores_get(d->s, video_id);
}

void
domains_running(struct domains *d, int count)
{
	int64_t now = clock_wall_ms();
	for (int i = 0; i < count; i++) {
		char *name = arena_printf(d->s->arena, "r%d", i);
		struct task task = stores_task(d->s->user, name);
		task.state = TASK_STATE_RUNNING;
		task.external_id = name;
		task.created_at = task.updated_at = task.accepted_at = now;
		task.due_at = now - 1;
		task.deadline_at = now + 3600000;
		stores_add(d->s->store, &task);
	}
}

void
domains_deadline(struct domains *d, struct task *task, int64_t deadline_at)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "UPDATE task SET deadline_at = %" PRId64 " WHERE id = %" PRId64,
	         deadline_at, task->id);
	raw_run(d->s->store, sql);
	task->deadline_at = deadline_at;
}

void
domains_clock_set(struct domains *d)
{
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_shift(d->s->store, 0), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	raw_run(d->s->store, "UPDATE head SET clock_offset = clock_offset - 3600000");
}

void
domains_clock_move(struct domains *d)
{
	int64_t step;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_step(d->s->store, &step), ERR_OK);
	assert_int_equal(store_clock_shift(d->s->store, step), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

void
domains_create_all(struct domains *d, struct create_order *orders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		orders[i].arena = d->s->arena;
		orders[i].next = i + 1 < count ? &orders[i + 1] : NULL;
	}
	create_tasks(&d->env, orders);
}

struct create_order
domains_create(struct domains *d, const struct create_input *input, enum err_code expected)
{
	struct create_order order = {.input = input};
	domains_create_all(d, &order, 1);
	assert_int_equal(order.err, expected);
	return order;
}

int64_t
domains_count(struct domains *d)
{
	int64_t count = -1;
	const struct task_filter all = {.status = TASK_STATUS__MAX};
	assert_int_equal(store_task_count(d->s->store, &all, &count), ERR_OK);
	return count;
}

struct channel_health
domains_health(struct domains *d)
{
	struct channel_health health;
	assert_int_equal(store_channel_health(d->s->store, "default", &health), ERR_OK);
	return health;
}

void
domains_set_health(struct domains *d, struct channel_health health)
{
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(d->s->store, "default", &health), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}
