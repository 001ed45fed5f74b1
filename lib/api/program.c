/* Runs a program of cgi-bin: opens configuration, log, links and stores, then serves. A request's way through
 * it is request_flow.c. */
#include "api/program.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/envelope.h"
#include "api/openai_error.h"
#include "api/request_flow.h"
#include "base/access.h"
#include "base/arena.h"
#include "base/budget.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/refusals.h"
#include "base/turns.h"
#include "base/unread.h"
#include "base/usage.h"
#include "domain/video/link.h"
#include "domain/settings.h"
#include "domain/upload.h"
#include "store/store.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/serve.h"

enum { LARGE_BLOCK = 1024 * 1024, ARENAS = 3, MB = 1000000 };

/* A program that runs. */
struct running {
	const struct program *program;
	struct flow flow;
};

/* ---- threads ---- */

static void
log_database(const char *data, enum err_code err)
{
	char why[512];
	log_error("cannot open the database: %s",
	          access_denied(data, why, sizeof(why)) ? why : err_text(err, "en"));
}

static void *
worker_open(void *cookie)
{
	const struct running *running = cookie;
	struct worker *worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return NULL;
	worker->flow = &running->flow;
	enum err_code err = store_open(running->flow.config->data, running->program->mode, &worker->store);
	if (err != ERR_OK) {
		log_database(running->flow.config->data, err);
		free(worker);
		return NULL;
	}
	return worker;
}

static void
worker_close(void *thread)
{
	struct worker *worker = thread;
	store_close(worker->store);
	free(worker);
}

static void *
run_thread(void *cookie)
{
	const struct running *running = cookie;
	running->program->run(running->flow.state, false);
	return NULL;
}

/* ---- life ---- */

/* Makes the database at the first request: on a shared host no `longreel serve` has made it. */
static enum err_code
prepare_cgi(const struct config *config)
{
	struct store *store = NULL;
	upload_make_dir(config->data);
	enum err_code err = store_open(config->data, STORE_READ, &store);
	if (err == ERR_NOT_FOUND || err == ERR_SCHEMA_TOO_OLD)
		err = store_open(config->data, STORE_MIGRATE, &store);
	if (err != ERR_OK) {
		log_database(config->data, err);
		return err;
	}
	store_close(store);
	return ERR_OK;
}

/* The data directory by a link beside cgi-bin, for shared hosts: their suEXEC keeps the environment from
 * programs. */
static const char *
linked_data(struct arena *arena)
{
	const char *dir = file_install_dir(arena);
	const char *path = dir != NULL ? arena_printf(arena, "%s/longreel.data", dir) : NULL;
	return path != NULL && access(path, F_OK) == 0 ? path : NULL;
}

static struct config *
load_config(char *ret_why, size_t why_size)
{
	struct arena *arena = arena_new();
	const char *data = getenv("LONGREEL_DATA");
	struct config *config = NULL;
	if (data == NULL && arena != NULL)
		data = linked_data(arena);
	if (data != NULL)
		config = settings_load(data, NULL, ret_why, why_size);
	else
		snprintf(ret_why, why_size, "LONGREEL_DATA is not set");
	arena_free(arena);
	return config;
}

static enum err_code
open_budgets(struct flow *flow)
{
	flow->reads = budget_new(flow->config->rate_read);
	flow->answers = budget_new(flow->config->read_max_mb * MB);
	flow->unread = unread_new(LIMIT_ANSWERS_UNREAD);
	return flow->reads != NULL && flow->answers != NULL && flow->unread != NULL ? ERR_OK : ERR_NO_MEMORY;
}

/* Has a file of the data directory shared with the other programs. */
static void
share_file(const struct config *config, const char *name, void (*share)(const char *path))
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof(path), "%s/%s", config->data, name) < (int)sizeof(path))
		share(path);
}

/* Opens what the threads share. The reason of a failure goes to the log only: it may name paths. */
static enum err_code
open_all(struct running *running)
{
	const struct program *program = running->program;
	char why[512];
	running->flow.config = load_config(why, sizeof(why));
	if (running->flow.config == NULL) {
		log_error("%s", why);
		return ERR_INTERNAL;
	}
	log_open(program->name, log_level_of(running->flow.config->log_level),
	         strcmp(running->flow.config->log_to, "syslog") == 0);
	share_file(running->flow.config, "password.lock", turns_share);
	share_file(running->flow.config, "refusals", refusals_share);
	enum err_code err = serve_is_cgi() ? prepare_cgi(running->flow.config) : open_budgets(&running->flow);
	if (err == ERR_OK && (running->flow.links = links_open(running->flow.config)) == NULL) {
		log_error("%s/link.key: %s", running->flow.config->data, strerror(errno));
		err = ERR_INTERNAL;
	}
	if (err == ERR_OK && program->open != NULL) {
		running->flow.state = program->open(running->flow.config, why, sizeof(why));
		if (running->flow.state == NULL) {
			log_error("%s", why);
			err = ERR_INTERNAL;
		}
	}
	return err;
}

/* Answers with an error where a program under CGI could not be opened. False when memory is short. */
static bool
answer_failure(enum err_code code)
{
	const char *method = getenv("REQUEST_METHOD");
	struct request request = {.path = getenv("REQUEST_URI"), .method = method != NULL ? method : ""};
	struct reply reply;
	struct buf out;
	struct err err = err_of(code);
	err.no_auto_retry = openai_is_blind(&request, &err);
	ids_short(request.id);
	log_info("request=%s client=%s code=%s", request.id, getenv("REMOTE_ADDR"), err_word(code));
	reply_init(&reply);
	envelope_error(&request, &reply, &err, "en");
	buf_init(&out, LIMIT_REPLY);
	bool sent = reply_write(&reply, &out) && file_write_all(STDOUT_FILENO, out.data, out.len);
	buf_free(&out);
	reply_done(&reply);
	return sent;
}

static int
serve(struct running *running)
{
	const struct program *program = running->program;
	const struct service service = {
	    .threads = program->threads,
	    .thread_open = worker_open,
	    .thread_close = worker_close,
	    .handle = request_flow,
	    .cookie = running,
	};
	pthread_t runner;
	bool threaded = program->run != NULL && !serve_is_cgi();
	if (threaded && pthread_create(&runner, NULL, run_thread, running) != 0)
		return -1;
	int result = serve_run(&service);
	if (threaded) {
		program->stop(running->flow.state);
		pthread_join(runner, NULL);
	} else if (program->run != NULL) {
		program->run(running->flow.state, true);
	}
	return result;
}

/* Large blocks, such as an image that came as text, go back to the system when they are freed. By default
 * malloc keeps them from the second one on (mallopt(3), M_MMAP_THRESHOLD), in each thread. */
static void
limit_memory(void)
{
	mallopt(M_ARENA_MAX, ARENAS); /* not one for each thread: most of them wait */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BLOCK);
}

int
program_main(int argc, char **argv, const struct program *program)
{
	int status;
	if (usage_asked(argc, argv, program->name,
	                "A program of longreel that a web server starts, by FastCGI or CGI, with "
	                "LONGREEL_DATA in its "
	                "environment.\nMore: man longreel\n",
	                &status))
		return status;
	struct running running = {.program = program,
	                          .flow = {.routes = &program->routes,
	                                   .largest_body = program->largest_body,
	                                   .snapshot = program->snapshot}};
	limit_memory();
	serve_signals();
	log_open(program->name, LOG_LEVEL_INFO, false);
	if (!crypto_open()) {
		log_error("cannot get random numbers from the system");
		return EXIT_FAILURE;
	}
	enum err_code err = open_all(&running);
	if (err == ERR_OK && serve(&running) != 0)
		err = ERR_INTERNAL;
	bool answered = err == ERR_OK || (serve_is_cgi() && answer_failure(err));
	if (running.flow.state != NULL)
		program->close(running.flow.state);
	budget_free(running.flow.reads);
	budget_free(running.flow.answers);
	unread_free(running.flow.unread);
	links_close(running.flow.links);
	config_free(running.flow.config);
	return answered ? EXIT_SUCCESS : EXIT_FAILURE;
}
