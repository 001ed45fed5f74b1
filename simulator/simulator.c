/* simulator: an upstream to try longreel with, and to test it against. It speaks the dialects "sora" and
 * "openai", accepts jobs, advances them by the clock, ends them with a small real video, records everything
 * that it is sent, and can be told to misbehave, for one job or for all. DESIGN beside this file documents
 * its switches, settings and record. It uses lib/web and lib/base only. LONGREEL_DATA names the data
 * directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/usage.h"
#include "call.h"
#include "delay.h"
#include "fault_apply.h"
#include "handlers.h"
#include "web/route.h"
#include "web/serve.h"

static const struct route rows[] = {
    {"POST", "/simulator/sora/v1/videos", sora_create, ACCESS_KEY, "sora: submit"},
    {"GET", "/simulator/sora/v1/videos/:id", sora_get, ACCESS_KEY, "sora: poll"},
    {"POST", "/simulator/sora/v1/videos/:id/remix", sora_remix, ACCESS_KEY, "sora: submit a remix"},
    {"POST", "/simulator/v1/videos", openai_create, ACCESS_BEARER, "openai: submit"},
    {"GET", "/simulator/v1/videos", openai_list, ACCESS_BEARER, "openai: list, by after, limit, order"},
    {"GET", "/simulator/v1/videos/:id", openai_get, ACCESS_BEARER, "openai: poll"},
    {"DELETE", "/simulator/v1/videos/:id", openai_delete, ACCESS_BEARER, "openai: delete"},
    {"GET", "/simulator/v1/videos/:id/content", openai_content, ACCESS_BEARER, "openai: the video"},
    {"POST", "/simulator/v1/videos/:id/remix", openai_remix, ACCESS_BEARER, "openai: submit a remix"},
    {"GET", "/simulator/files/:name", content_file, ACCESS_OPEN, "The video of a job, ID.mp4"},
    {"GET", "/simulator/jobs", job_list_all, ACCESS_OPEN, "All jobs, in order of acceptance"},
    {"GET", "/simulator/jobs/:id", job_list_one, ACCESS_OPEN, "One job"},
    {"GET", "/simulator/control", control_get, ACCESS_OPEN, "Shows the settings"},
    {"PUT", "/simulator/control", control_put, ACCESS_OPEN, "Replaces the settings"},
    {"DELETE", "/simulator/control", control_delete, ACCESS_OPEN, "Restores the defaults"},
};
static const struct route_table routes = {rows, sizeof(rows) / sizeof(rows[0])};

struct simulator {
	const char *dir; /* DATA/simulator */
	struct delay *delay;
};

static bool
is_authorized(const struct route *route, const char *authorization)
{
	if (route->access == ACCESS_OPEN)
		return true;
	if (authorization == NULL || *authorization == '\0')
		return false;
	return route->access != ACCESS_BEARER ||
	       (strncmp(authorization, "Bearer ", 7) == 0 && authorization[7] != '\0');
}

static struct err
answer(struct call *call)
{
	const struct route *route;
	const char *allow = NULL;

	enum err_code code = route_find(&routes, call->request, &route, &allow);
	if (code == ERR_METHOD_NOT_ALLOWED)
		reply_header(call->reply, "Allow", allow);
	if (code != ERR_OK)
		return err_of(code);
	if (!is_authorized(route, request_header(call->request, "Authorization")))
		return err_say(ERR_UNAUTHORIZED, NULL, "Authorization has no key.");
	return route->handler(call);
}

/* Writes the error in OpenAI's envelope, keeping the headers that belong to it. */
static void
write_error(struct call *call, const struct err *err)
{
	struct buf headers = call->reply->headers;

	buf_init(&call->reply->headers, headers.max);
	fault_error(call, err_status(err->code), err_word(err->code), err->field,
	            err->detail[0] ? err->detail : err_text(err->code, "en"));
	buf_add(&call->reply->headers, buf_str(&headers), headers.len);
	buf_free(&headers);
}

static void
handle(void *thread, struct request *request, struct reply *reply)
{
	const struct simulator *simulator = thread;
	struct call call = {.request = request,
	                    .reply = reply,
	                    .arena = request->arena,
	                    .dir = simulator->dir,
	                    .retry_after = 1};

	struct err err = answer(&call);
	if (err.code != ERR_OK) {
		if (err_status(err.code) >= 500)
			log_error("request=%s code=%s %s", request->id, err_word(err.code), err.detail);
		write_error(&call, &err);
		return;
	}
	if (reply->streaming)
		return;
	fault_apply(&call);
	if (call.delay_ms > 0 && !reply->detached)
		delay_reply(simulator->delay, request, reply, call.delay_ms);
}

static void *
open_thread(void *cookie)
{
	return cookie;
}

/* Makes DATA/simulator and its folders. NULL with errno set where that fails. */
static const char *
make_dirs(struct arena *arena)
{
	const char *data = getenv("LONGREEL_DATA");
	const char *dir = data && *data == '/' ? arena_printf(arena, "%s/simulator", data) : NULL;
	const char *jobs = dir ? arena_printf(arena, "%s/jobs", dir) : NULL;

	return jobs && file_make_dir(dir) && file_make_dir(jobs) ? dir : NULL;
}

int
main(int argc, char **argv)
{
	struct simulator simulator;
	int result = -1;

	if (usage_asked(argc, argv, "simulator",
	                "An upstream to try longreel with. `longreel serve --simulator` starts it.\n",
	                &result))
		return result;
	serve_signals();
	umask(077);
	log_open("simulator", LOG_LEVEL_INFO, false);
	struct arena *arena = arena_new();
	simulator.dir = arena ? make_dirs(arena) : NULL;
	simulator.delay = crypto_open() ? delay_new() : NULL;
	const struct service service = {
	    .threads = 8, .thread_open = open_thread, .handle = handle, .cookie = &simulator};
	if (!simulator.dir)
		log_error("LONGREEL_DATA must be the absolute path of an existing directory: %m");
	else if (!simulator.delay || (!serve_is_cgi() && !delay_start(simulator.delay)))
		log_error("cannot start: %m");
	else
		result = serve_run(&service);
	delay_finish(simulator.delay);
	arena_free(arena);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
