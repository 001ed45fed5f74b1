/* longreel-poller [--data DIR] [--once | --for SECONDS]
 *
 * Submits, polls and ends the open tasks, delivers webhooks, fetches videos. --once does what is due and ends
 * (cron); --for runs so many seconds (cron, once a minute); without either it runs until SIGTERM (systemd).
 * Any number of pollers may run on one database: a lease in each row gives a task to one at a time. This file
 * opens what the others use and decides when to pass; due.c does a pass over the tasks. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/owner.h"
#include "base/stop.h"
#include "domain/video/access.h"
#include "domain/video/link.h"
#include "domain/channel/channels.h"
#include "domain/webhook/deliver.h"
#include "domain/env.h"
#include "domain/task/followup.h"
#include "domain/task/lapse.h"
#include "domain/task/indexing.h"
#include "domain/channel/queue.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/channel/rebalance.h"
#include "domain/settings.h"
#include "domain/upload.h"
#include "domain/task/shares.h"
#include "domain/task/submit.h"
#include "archiver.h"
#include "due.h"
#include "heartbeat.h"
#include "options.h"
#include "store/audit.h"
#include "store/channel_hour.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/delivery.h"
#include "store/listen.h"
#include "store/store.h"
#include "store/token.h"

enum {
	TICK_MS = 1000,        /* the longest sleep, in case a bell is missed */
	HURRY_MS = 2000,       /* in which what was decided before a step of the clock is written */
	BUSY_MS = 5,           /* the pause between two passes with work */
	HELD_MS = 80,          /* the longest of them where what is due finds no slot free */
	INDEX_MS = 25,         /* between two steps of indexing, where there is much to index */
	PURGE_MS = 600 * 1000, /* between two purges */
	PURGE_MOST = 1000      /* rows of a kind in one purge */
};

struct poller {
	struct options options;
	struct config *config;
	struct arena *lasting;
	struct channels *channels;
	struct links *links;
	struct domain_env env;
	struct due due;
	struct archiver *archiver; /* NULL = videos are not kept */
	struct deliverer *deliverer;
	struct rebalance_cursor *cursor;
	struct indexing indexing;
	struct store_listener *listener;
	struct loop_watch bell, stop;
	struct loop_timer timer;
	int64_t started_wall, started_mono;
	int64_t seen_wall; /* the latest time that a poller is known to have seen */
	int64_t offset;    /* wall clock minus time since the machine's start; 0 = not read yet */
	/* when to do so again, by clock_mono_ms() */
	int64_t alive_at, purge_at, tend_at, index_at, hurry_at; /* hurry_at: 0 = never */
	int64_t held;       /* ms; the last pause of that kind, 0 = it was of another */
	int64_t rest_until; /* clock_mono_ms(); until then nothing new is begun */
	bool stopping;      /* nothing new is claimed */
	bool signalled;
	bool indexes; /* there are prompts to index */
	bool failed;  /* the last pass */
	char owner[IDS_SHORT_SIZE];
};

/* ---- when to look ---- */

/* Tells it once in a while. */
static void
beat(struct poller *poller)
{
	if (clock_mono_ms() < poller->alive_at)
		return;
	poller->alive_at = clock_mono_ms() + TICK_MS;
	heartbeat(poller->config->data);
}

/* Notices that the wall clock was set, even while no poller ran. */
static void
check_clock(struct poller *poller)
{
	int64_t now = clock_wall_ms(), offset = now - clock_boot_ms(), step = 0;
	bool back = now < poller->seen_wall - CLOCK_STEP_MS;
	bool owed = store_clock_owed(poller->env.store, &step) == ERR_OK && step != 0;
	bool moved = owed || llabs(offset - poller->offset) >= CLOCK_STEP_MS;
	if (back || moved) {
		if (due_clock_set(&poller->due, back, &step) != ERR_OK)
			return; /* the next pass tries again */
		if (step > 0)
			log_warn("the clock was set forward by %" PRId64 " ms", step);
		else if (back || step < 0)
			log_warn("the clock was set back by %" PRId64 " ms",
			         back ? poller->seen_wall - now : -step);
		poller->offset = offset;
		poller->hurry_at = back || step < 0 ? clock_mono_ms() + HURRY_MS : 0;
	} else if (poller->hurry_at != 0 && clock_mono_ms() >= poller->hurry_at &&
	           due_clock_set_again(&poller->due) == ERR_OK) {
		poller->hurry_at = 0;
	}
	poller->seen_wall = now;
}

/* Deletes what has expired, by the time that check_clock() has checked. */
static void
purge(struct poller *poller)
{
	int64_t count, now = poller->seen_wall;
	if (clock_mono_ms() < poller->purge_at)
		return;
	poller->purge_at = clock_mono_ms() + PURGE_MS;
	struct store *store = poller->env.store;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_purge(store, now, PURGE_MOST, &count);
	if (err == ERR_OK)
		err = store_delivery_purge(store, now - poller->config->webhook_keep, PURGE_MOST);
	if (err == ERR_OK)
		err = store_audit_purge(store, now - poller->config->audit_keep, PURGE_MOST, &count);
	if (err == ERR_OK)
		err = store_channel_hours_purge(store, now - CHANNEL_HOURS_KEEP);
	store_end(store, err);
}

/* Before tasks are read, too: those whose channel has no row would not be found. */
static void
restore_channels(struct poller *poller)
{
	enum err_code err = rebalance_strays(&poller->env);
	if (err != ERR_OK)
		log_error("channels that tasks name cannot be looked for: %s", err_word(err));
}

/* What is done once a second: tasks that wait for one channel are given to another, charges that have
 * lingered for long enough end, and images that nothing needs any more are removed, some each time. */
static void
tend(struct poller *poller)
{
	if (clock_mono_ms() < poller->tend_at)
		return;
	poller->tend_at = clock_mono_ms() + TICK_MS;
	restore_channels(poller);
	enum err_code err = rebalance(&poller->env, poller->cursor);
	if (err != ERR_OK)
		log_error("waiting tasks cannot be given to other channels: %s", err_word(err));
	err = lapse_sweep(&poller->env, poller->due.arena);
	if (err != ERR_OK)
		log_error("charges that have lingered cannot be ended: %s", err_word(err));
	err = upload_purge(&poller->env, poller->due.arena);
	arena_reset(poller->due.arena);
	if (err != ERR_OK)
		log_error("the images of old tasks cannot be removed: %s", err_word(err));
}

/* Indexes prompts for search, in small steps: a database of before there was an index takes some minutes. */
static void
index_prompts(struct poller *poller)
{
	bool more = false;
	if (clock_mono_ms() < poller->index_at)
		return;
	enum err_code err = indexing_step(&poller->env, poller->due.arena, &poller->indexing, &more);
	if (err != ERR_OK)
		log_error("prompts cannot be indexed: %s", err_word(err));
	poller->indexes = more;
	poller->index_at = clock_mono_ms() + (more ? INDEX_MS : TICK_MS);
	arena_reset(poller->due.arena);
}

/* True while the database is to catch up with what the tasks under way have written: see store_owed(). */
static bool
rests(struct poller *poller)
{
	int64_t now = clock_mono_ms(), owed = store_owed(poller->env.store);
	if (owed > 0)
		poller->rest_until = now + owed;
	return now < poller->rest_until;
}

/* The time to sleep before the next pass, in ms. */
static int64_t
next_pause(struct poller *poller, size_t claimed)
{
	int64_t due_at, deliver_at, held = poller->held;
	poller->held = 0;
	if (poller->failed)
		return TICK_MS;
	int64_t rest = poller->rest_until - clock_mono_ms();
	if (rest > 0)
		return rest < TICK_MS ? rest : TICK_MS;
	if (claimed > 0)
		return BUSY_MS;
	if (store_task_next_due(poller->env.store, &due_at) != ERR_OK ||
	    deliver_next_due(poller->deliverer, &deliver_at) != ERR_OK)
		return TICK_MS;
	if (deliver_active(poller->deliverer) >= DELIVER_MOST)
		deliver_at = INT64_MAX; /* on_delivered() passes again when there is room */
	due_at = deliver_at < due_at ? deliver_at : due_at;
	int64_t left = due_at == INT64_MAX ? TICK_MS : due_at - clock_wall_ms();
	int64_t index = poller->index_at - clock_mono_ms();
	left = index < left ? index : left;
	int64_t most = shares_wait(poller->due.shares);
	if (left >= BUSY_MS)
		return left < most ? left : most;
	/* What frees a slot mostly rings the bell, too. */
	poller->held = held == 0 ? BUSY_MS : held * 2 < HELD_MS ? held * 2 : HELD_MS;
	return poller->held;
}

/* Starts all due work; writes the number of items. */
static enum err_code
pass(struct poller *poller, size_t *ret_claimed)
{
	size_t tasks = 0, deliveries = 0;
	/* --once takes what was due when it began: a task that is due again meanwhile is for the next run. A
	 * delivery is not due again, and is sent in the run that makes it. */
	enum err_code err =
	    due_pass(&poller->due, poller->options.once ? poller->started_wall : clock_wall_ms(),
	             !poller->options.once, &tasks);
	if (err == ERR_OK)
		err = deliver_pass(poller->deliverer, poller->due.arena, clock_wall_ms(), &deliveries);
	arena_reset(poller->due.arena);
	*ret_claimed = tasks + deliveries;
	return err;
}

/* From here on nothing new is begun. */
static void
stop_claiming(struct poller *poller)
{
	poller->stopping = true;
	open_tasks_look(shares_tasks(poller->due.shares), 0, false);
}

static void
on_timer(void *cookie)
{
	struct poller *poller = cookie;
	const struct options *options = &poller->options;
	size_t claimed = 0;
	if (options->for_ms > 0 && clock_mono_ms() - poller->started_mono >= options->for_ms)
		stop_claiming(poller);
	bool resting = rests(poller);
	if (!poller->stopping) {
		check_clock(poller);
		beat(poller);
	}
	if (!poller->stopping && resting)
		open_tasks_look(shares_tasks(poller->due.shares), 0, false);
	if (!poller->stopping && !resting) {
		tend(poller);
		enum err_code err = pass(poller, &claimed);
		poller->failed = err != ERR_OK;
		if (poller->failed)
			log_error("a pass failed: %s", err_word(err));
		purge(poller);
		index_prompts(poller);
	}
	/* What else is waited for may outlast the lease, and the looks that have been made are known now. */
	if (poller->stopping && poll_driver_active(open_tasks_driver(shares_tasks(poller->due.shares))) == 0)
		shares_return(poller->due.shares);
	bool idle = !(resting && !poller->stopping) && claimed == 0 && due_active(&poller->due) == 0 &&
	            deliver_active(poller->deliverer) == 0;
	idle = idle && (poller->stopping || !due_polls(&poller->due, poller->started_wall));
	if ((poller->stopping || (options->once && !poller->indexes)) && idle) {
		loop_stop(poller->env.loop);
		return;
	}
	int64_t pause = poller->stopping || options->once ? BUSY_MS : next_pause(poller, claimed);
	loop_timer_set(poller->env.loop, &poller->timer, clock_mono_ms() + pause);
}

static void
pass_soon(struct poller *poller)
{
	int64_t soon = clock_mono_ms() + BUSY_MS;
	if (!poller->stopping && poller->timer.node.key > soon)
		loop_timer_set(poller->env.loop, &poller->timer, soon);
}

/* The database has changed: there may be new work, or an earlier time for the next pass. */
static void
on_bell(void *cookie, unsigned events)
{
	struct poller *poller = cookie;
	(void)events;
	store_listener_drain(poller->listener);
	pass_soon(poller);
}

/* Another delivery may have waited for this one to end, and no bell rings for that. */
static void
on_delivered(void *cookie)
{
	pass_soon(cookie);
}

static void
on_signal(void *cookie, unsigned events)
{
	struct poller *poller = cookie;
	(void)events;
	stop_drain(&poller->stop);
	stop_claiming(poller);
	poller->signalled = true;
	loop_stop(poller->env.loop);
}

/* Stops after a signal: gives up polls and followups, waits for submissions up to shutdown_grace, then a
 * second for deliveries. */
static void
wind_up(struct poller *poller)
{
	struct loop *loop = poller->env.loop;
	int64_t by = clock_mono_ms() + poller->config->shutdown_grace;
	loop_timer_cancel(loop, &poller->timer);
	submit_stop(poller->due.submitter);
	followups_abandon(poller->due.followups);
	poll_driver_abandon(open_tasks_driver(shares_tasks(poller->due.shares)));
	while (submit_active(poller->due.submitter) > 0 && clock_mono_ms() < by)
		loop_once(loop, by - clock_mono_ms());
	by = clock_mono_ms() + TICK_MS;
	while (deliver_active(poller->deliverer) > 0 && clock_mono_ms() < by)
		loop_once(loop, by - clock_mono_ms());
	deliver_abandon(poller->deliverer);
	queues_hang_up(poller->env.queues);
	by = clock_mono_ms() + TICK_MS;
	while (due_active(&poller->due) > 0 && clock_mono_ms() < by)
		loop_once(loop, by - clock_mono_ms());
}

/* ---- the archive ---- */

static bool
start_archiver(struct poller *poller, char *why, size_t size)
{
	if (!archive_access_set(poller->config, false, why, size))
		log_error("%s", why);
	if (!config_on(poller->config->archive))
		return true;
	poller->archiver = archiver_start(&poller->env, poller->options.once, why, size);
	return poller->archiver != NULL;
}

/* Waits for the video that is being fetched, with --once for all that are due; a signal ends the wait. */
static void
end_archiver(struct poller *poller)
{
	loop_timer_cancel(poller->env.loop, &poller->timer);
	if (poller->archiver != NULL && !poller->signalled) {
		if (!poller->options.once)
			archiver_finish(poller->archiver);
		loop_run(poller->env.loop);
	}
	archiver_free(poller->archiver);
	poller->archiver = NULL;
}

/* ---- life ---- */

static bool
open_all(struct poller *poller, char *why, size_t size)
{
	struct domain_env *env = &poller->env;
	poller->lasting = arena_new();
	env->loop = loop_new();
	snprintf(why, size, "memory is short");
	if (poller->lasting == NULL || env->loop == NULL || !crypto_open())
		return false;
	env->config = poller->config;
	env->queues = queues_new(env->loop, (size_t)poller->config->channel_connections);
	poller->due.arena = arena_new();
	if (env->queues == NULL || poller->due.arena == NULL)
		return false;
	poller->channels = channels_open_installed(poller->config, why, size);
	if (poller->channels == NULL)
		return false;
	env->channels = poller->channels;
	env->links = poller->links = links_open(poller->config);
	if (poller->links == NULL) {
		snprintf(why, size, "%s/link.key: %s", poller->config->data, strerror(errno));
		return false;
	}
	ids_short(poller->owner);
	env->owner = poller->owner;
	enum err_code err = store_open(poller->config->data, STORE_WRITE_LOOP, &env->store);
	if (err != ERR_OK && !access_denied(poller->config->data, why, size))
		snprintf(why, size, "the database cannot be opened: %s", err_text(err, "en"));
	if (err != ERR_OK)
		return false;
	poller->due.env = env;
	poller->due.submitter = submit_new(env);
	poller->due.shares = shares_new(env, !poller->options.once);
	poller->due.followups = followups_new(env);
	poller->deliverer = deliver_new(env, on_delivered, poller);
	poller->cursor = rebalance_cursor_new();
	poller->listener = store_listen(poller->config->data);
	poller->bell =
	    (struct loop_watch){.fd = store_listener_fd(poller->listener), .fn = on_bell, .cookie = poller};
	poller->timer = (struct loop_timer){.fn = on_timer, .cookie = poller};
	snprintf(why, size, "the event loop cannot be set up");
	return poller->due.submitter != NULL && poller->due.shares != NULL && poller->due.followups != NULL &&
	       poller->deliverer != NULL && poller->cursor != NULL && poller->bell.fd >= 0 &&
	       loop_add(env->loop, &poller->bell, LOOP_READ) &&
	       stop_watch(env->loop, &poller->stop, on_signal, poller);
}

static void
close_all(struct poller *poller)
{
	if (poller->env.queues != NULL)
		queues_hang_up(poller->env.queues);
	submit_free(poller->due.submitter);
	shares_free(poller->due.shares);
	followups_free(poller->due.followups);
	queues_free(poller->env.queues);
	deliver_free(poller->deliverer);
	rebalance_cursor_free(poller->cursor);
	store_close(poller->env.store);
	channels_close(poller->channels);
	links_close(poller->links);
	store_listener_free(poller->listener);
	if (poller->stop.fd >= 0)
		close(poller->stop.fd);
	loop_free(poller->env.loop);
	arena_free(poller->due.arena);
	arena_free(poller->lasting);
	config_free(poller->config);
}

int
main(int argc, char **argv)
{
	struct poller poller = {.stop = {.fd = -1}};
	char why[512];
	int status;
	if (!options_read(argc, argv, &poller.options, &status))
		return status;
	if (!owner_become(poller.options.data, why, sizeof(why))) {
		fprintf(stderr, "longreel-poller: %s\n", why);
		return EXIT_FAILURE;
	}
	poller.config = settings_load(poller.options.data, NULL, why, sizeof(why));
	if (poller.config == NULL) {
		fprintf(stderr, "longreel-poller: %s\n", why);
		return EXIT_FAILURE;
	}
	log_open("poller", log_level_of(poller.config->log_level),
	         strcmp(poller.config->log_to, "syslog") == 0);
	if (!open_all(&poller, why, sizeof(why))) {
		fprintf(stderr, "longreel-poller: %s\n", why);
		close_all(&poller);
		return EXIT_FAILURE;
	}
	poller.started_wall = clock_wall_ms();
	poller.seen_wall = heartbeat_last(poller.config->data);
	poller.started_mono = clock_mono_ms();
	restore_channels(&poller);
	loop_timer_set(poller.env.loop, &poller.timer, clock_mono_ms());
	/* --once fetches the videos of the tasks that it has completed, too: so its archiver starts last. */
	bool archives = poller.options.once || start_archiver(&poller, why, sizeof(why));
	loop_run(poller.env.loop);
	if (poller.options.once && !poller.signalled)
		archives = start_archiver(&poller, why, sizeof(why));
	if (!archives)
		log_error("%s", why);
	if (poller.signalled)
		wind_up(&poller);
	enum err_code err = shares_return(poller.due.shares);
	if (err != ERR_OK)
		log_error("the shares of the open tasks are left to their lease: %s", err_word(err));
	end_archiver(&poller);
	close_all(&poller);
	return poller.options.once && poller.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
