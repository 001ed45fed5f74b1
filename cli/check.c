/* longreel check: is this instance in order? Every part is looked at and gets a line, also after one that is
 * not in order. The upstream is asked for its address without a key and without a cost: any HTTP answer will
 * do. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "cli.h"
#include "domain/channel.h"
#include "instance.h"
#include "lighttpd.h"
#include "upstream/http.h"

enum { UPSTREAM_TIMEOUT_MS = 15000 };

struct check {
	const struct cli_call *call;
	struct arena *arena;
	const char *install;
	struct config *config;
};

/* One line of the result. Returns `good`. */
static bool
tell(bool good, const char *part, const char *text)
{
	printf("%-5s %-14s %s\n", good ? "ok" : "BAD", part, text);
	return good;
}

static bool
check_config(struct check *check)
{
	char why[512];

	check->config = config_load(check->call->data, why, sizeof why);
	return tell(check->config != NULL, "configuration", check->config ? "can be read" : why);
}

static bool
check_lighttpd(struct check *check)
{
	struct lighttpd lighttpd;

	if (!lighttpd_find(check->arena, check->install, check->config, &lighttpd))
		return tell(false, "web server", "lighttpd is missing");
	return tell(true, "web server", lighttpd.program);
}

/* What is missing of a data directory is made, so that a host that never runs `serve` has a way to begin; but
 * not in somebody else's, who could not use it then. */
static bool
check_data(struct check *check)
{
	const char *data = check->call->data;
	struct stat st;

	if (stat(data, &st) == 0 && st.st_uid != geteuid()) {
		char path[4096];
		snprintf(path, sizeof path, "%s/longreel.db", data);
		if (access(path, F_OK) < 0)
			return tell(false, "data",
			            "is another user's, and holds no database; check as that user");
		return tell(true, "data", "is another user's");
	}
	if (!instance_make_dirs(data, check->arena))
		return tell(false, "data", strerror(errno));
	return tell(true, "data", data);
}

static bool
check_database(struct check *check)
{
	const char *data = check->call->data, *why = "";
	const char *good = "whole";
	struct store *store = NULL;

	enum err_code err = store_open(data, STORE_READ, &store);
	if (err == ERR_SCHEMA_TOO_OLD || err == ERR_NOT_FOUND) {
		good = err == ERR_NOT_FOUND ? "new" : "brought up to date; whole";
		err = store_open(data, STORE_MIGRATE, &store);
	}
	if (err == ERR_OK)
		err = store_check(store, check->arena, &why);
	store_close(store);
	if (err == ERR_OK)
		return tell(true, "database", good);
	return tell(false, "database", err == ERR_CORRUPT && why && *why ? why : err_text(err, "en"));
}

struct question {
	struct check *check;
	struct loop *loop;
	bool good;
};

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct question *question = cookie;
	struct arena *arena = question->check->arena;
	bool good = response->end == HTTP_ANSWERED;
	const char *text = good ? arena_printf(arena, "answers (status %d)", response->status)
	                        : arena_printf(arena, "cannot be reached: %s", response->why);

	question->good = tell(good, "upstream", text ? text : "");
	loop_stop(question->loop);
}

static bool
ask_upstream(struct check *check, const struct channel *channel)
{
	const struct http_request request = {
	    .method = "GET", .url = channel->base, .timeout_ms = UPSTREAM_TIMEOUT_MS};
	struct question question = {.check = check, .loop = loop_new()};
	struct http *http = question.loop ? http_new(question.loop, 1) : NULL;

	if (http && http_start(http, &request, on_answer, &question))
		loop_run(question.loop);
	else
		tell(false, "upstream", "not enough memory to ask");
	http_free(http);
	loop_free(question.loop);
	return question.good;
}

static bool
check_upstream(struct check *check)
{
	const char *dialects = arena_printf(check->arena, "%s/share/dialects", check->install);
	char why[512] = "not enough memory";

	struct channels *channels = dialects ? channels_open(check->config, dialects, why, sizeof why) : NULL;
	if (!channels)
		return tell(false, "upstream", why);
	const struct channel *channel = channels_for_new(channels);
	bool good = channel ? ask_upstream(check, channel) : tell(true, "upstream", "none is configured");
	channels_close(channels);
	return good;
}

int
cli_check(const struct cli_call *call)
{
	struct check check = {.call = call, .arena = arena_new()};
	bool good = false;

	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	check.install = check.arena ? file_install_dir(check.arena) : NULL;
	if (!check.install) {
		cli_fail("it cannot be told where longreel is installed.");
	} else {
		good = check_data(&check);
		bool ours = good;
		good = check_config(&check) && good;
		good = ours && check_database(&check) && good;
		if (check.config) {
			good = check_lighttpd(&check) && good;
			good = check_upstream(&check) && good;
		}
	}
	config_free(check.config);
	arena_free(check.arena);
	return cli_finish() == CLI_DONE && good ? CLI_DONE : CLI_FAILED;
}
