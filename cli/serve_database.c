/* The database before anything runs: brought up to date, and what follows from what it holds. */
#include <malloc.h>
#include <pthread.h>
#include <string.h>

#include "base/access.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "cli.h"
#include "domain/channel/channels.h"
#include "domain/settings.h"
#include "serve.h"
#include "store/store.h"
#include "store/user.h"

/* Without an upstream the simulator takes its place where nothing was said about the instance at all: a first
 * try has a first video. Elsewhere it would pass for one. */
static void
note_upstream(struct serve *serve, struct store *store)
{
	char why[512];
	struct channels *channels = channels_open_installed(serve->config, why, sizeof(why));

	if (channels == NULL)
		return;
	channels_refresh(channels, store);
	if (!channels_any(channels)) {
		serve->simulator = serve->call->at_home && *serve->loopback && !serve->call->cgi;
		log_warn(serve->simulator
		             ? "no channel yet: the simulator takes its place (longreel setup, longreel "
		               "channel add)"
		             : "no channel yet: new tasks are refused until one is added (longreel channel "
		               "add)");
	}
	channels_close(channels);
}

static void
note_admins(struct serve *serve, struct store *store)
{
	struct user *users = NULL;
	size_t count = 0;

	if (!serve_greets(serve))
		return;
	serve->any_admin = store_user_list(store, serve->arena, &users, &count) != ERR_OK;
	for (size_t i = 0; i < count && !serve->any_admin; i++)
		serve->any_admin = users[i].admin && !users[i].disabled;
}

static bool
migrate(struct serve *serve)
{
	struct store *store;
	char why[512];

	/* Closed at once: a database must not be open over fork(). */
	enum err_code err = store_open(serve->instance.data, STORE_MIGRATE, &store);
	if (err != ERR_OK) {
		if (access_denied(serve->instance.data, why, sizeof(why)))
			cli_fail("%s", why);
		else
			cli_fail("cannot open the database in %s: %s", serve->instance.data,
			         err_text(err, "en"));
		return false;
	}
	note_upstream(serve, store);
	note_admins(serve, store);
	store_close(store);
	/* Needs a database that is up to date. */
	if (!settings_check(serve->config, NULL, why, sizeof(why))) {
		cli_fail("%s", why);
		return false;
	}
	return true;
}

static void *
run_migrate(void *cookie)
{
	return migrate(cookie) ? cookie : NULL;
}

/* This process stays for as long as the instance does, and needs nothing of that any more. What malloc has
 * kept of it for the next time, a little on each page, goes only with the thread. */
bool
serve_prepare_database(struct serve *serve)
{
	pthread_t thread;
	void *good = NULL;

	mallopt(M_ARENA_MAX, 1); /* no arena for the thread: that would stay */
	if (pthread_create(&thread, NULL, run_migrate, serve) != 0 || pthread_join(thread, &good) != 0) {
		cli_fail("cannot start a thread.");
		return false;
	}
	malloc_trim(0);
	return good != NULL;
}
