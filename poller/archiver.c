/* Fetches videos one after the other, on a thread of its own with a store of its own. Between two videos it
 * sleeps until a bell rings or a second has passed. */
#include "archiver.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/video/archive.h"
#include "domain/video/backlog.h"
#include "domain/video/mark.h"
#include "domain/upload.h"
#include "domain/video/sweep.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "store/listen.h"
#include "store/store.h"

enum { TICK_MS = 1000, SWEEP_MS = 60 * 60 * 1000, FAILED_MS = 5000 };

struct archiver {
	struct domain_env env;
	struct arena *arena;
	struct backlog backlog;
	bool once;
	struct store_listener *listener;
	int wake;         /* an eventfd, readable once the thread is to end */
	atomic_bool last; /* end after this video */
	atomic_bool stop; /* give this video up, too */
	struct loop_task ended;
	int64_t sweep_at; /* clock_mono_ms() */
	bool away;        /* the archive was, at the last look */
	pthread_t thread;
};

static void
close_all(struct archiver *archiver)
{
	store_close(archiver->env.store);
	arena_free(archiver->arena);
	store_listener_free(archiver->listener);
	if (archiver->wake >= 0)
		close(archiver->wake);
	free(archiver);
}

/* Sleeps until there may be something to do. */
static void
wait_for_work(const struct archiver *archiver, bool failed)
{
	struct pollfd events[] = {{.fd = archiver->wake, .events = POLLIN},
	                          {.fd = store_listener_fd(archiver->listener), .events = POLLIN}};
	/* After a failure the bell is no reason to try again early. */
	poll(events, failed ? 1 : 2, failed ? FAILED_MS : TICK_MS);
	store_listener_drain(archiver->listener);
}

static void
sweep(struct archiver *archiver)
{
	if (clock_mono_ms() < archiver->sweep_at)
		return;
	archiver->sweep_at = clock_mono_ms() + SWEEP_MS;
	enum err_code err = archive_sweep(&archiver->env, archiver->arena, &archiver->stop);
	if (err != ERR_OK)
		log_error("the archive cannot be swept: %s", err_word(err));
	arena_reset(archiver->arena);
	err = upload_sweep(&archiver->env, archiver->arena, &archiver->stop);
	if (err != ERR_OK)
		log_error("images cannot be swept: %s", err_word(err));
	arena_reset(archiver->arena);
}

/* Whether the archive is there. While it is away, videos that are due stay so. */
static bool
look_for_archive(struct archiver *archiver)
{
	bool away = !archive_mark(&archiver->env);
	if (away && !archiver->away)
		log_error(
		    "the archive is away: %s/archive is not the folder that videos are kept in. Is its disk "
		    "mounted?",
		    archiver->env.config->data);
	else if (!away && archiver->away)
		log_info("the archive is there again");
	archiver->away = away;
	return !away;
}

/* Fetches a video that is due. */
static enum err_code
fetch_one(struct archiver *archiver, bool *ret_did)
{
	*ret_did = false;
	if (!look_for_archive(archiver))
		return ERR_OK;
	channels_refresh(archiver->env.channels, archiver->env.store);
	enum err_code err =
	    archive_step(&archiver->env, archiver->arena, &archiver->backlog, &archiver->stop, ret_did);
	if (err != ERR_OK)
		log_error("the archive: %s", err_word(err));
	return err;
}

static void *
run(void *cookie)
{
	struct archiver *archiver = cookie;
	while (!atomic_load(&archiver->last)) {
		bool did = false;
		sweep(archiver);
		enum err_code err = fetch_one(archiver, &did);
		arena_reset(archiver->arena);
		if (err == ERR_OK && did)
			continue;
		if (archiver->once)
			break;
		wait_for_work(archiver, err != ERR_OK);
	}
	loop_post(archiver->env.loop, &archiver->ended);
	return NULL;
}

static void
on_ended(void *cookie)
{
	loop_stop(cookie);
}

struct archiver *
archiver_start(const struct domain_env *env, bool once, char *ret_why, size_t why_size)
{
	struct archiver *archiver = calloc(1, sizeof(*archiver));
	snprintf(ret_why, why_size, "the archive cannot be opened");
	if (archiver == NULL)
		return NULL;
	archiver->env = *env;
	archiver->env.store = NULL;
	archiver->once = once;
	archiver->ended = (struct loop_task){.fn = on_ended, .cookie = env->loop};
	archiver->arena = arena_new();
	archiver->listener = store_listen(env->config->data);
	archiver->wake = eventfd(0, EFD_CLOEXEC);
	if (archiver->arena == NULL || archiver->listener == NULL || archiver->wake < 0 ||
	    store_open(env->config->data, STORE_WRITE, &archiver->env.store) != ERR_OK ||
	    pthread_create(&archiver->thread, NULL, run, archiver) != 0) {
		close_all(archiver);
		return NULL;
	}
	return archiver;
}

void
archiver_finish(struct archiver *archiver)
{
	atomic_store(&archiver->last, true);
	eventfd_write(archiver->wake, 1);
}

void
archiver_free(struct archiver *archiver)
{
	if (archiver == NULL)
		return;
	atomic_store(&archiver->stop, true);
	archiver_finish(archiver);
	pthread_join(archiver->thread, NULL);
	close_all(archiver);
}
