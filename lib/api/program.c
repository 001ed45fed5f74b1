/* What every program in cgi-bin does. The flow of a request: preflight, route, guard, handler, envelope, one
 * line in the log; that of the question before a body ends before the handler. */
#include "api/program.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api/authorize.h"
#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "api/openai_error.h"
#include "base/access.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/prefix.h"
#include "base/turns.h"
#include "domain/video/link.h"
#include "domain/account/session.h"
#include "domain/settings.h"
#include "domain/upload.h"
#include "store/store.h"
#include "web/field.h"
#include "web/proxy.h"
#include "web/serve.h"

enum { LARGE_BLOCK = 1024 * 1024, ARENAS = 3 };

/* A program that runs. */
struct running {
	const struct program *program;
	struct config *config;
	struct links *links;
	void *state;
};

/* What one accepting thread needs. */
struct worker {
	const struct running *running;
	struct store *store;
};

/* ---- a request ---- */

/* What the route does not take must not be there, and nothing unpacks a body that is compressed. */
static struct err
check_request(const struct route *route, struct request *request, struct reply *reply)
{
	struct err err = err_of(ERR_OK);
	if ((route->takes & TAKES_QUERY) == 0 && request->query[0] != '\0')
		err = field_read_query(NULL, 0, request, NULL);
	if (err.code != ERR_OK || request->content_length == 0)
		return err;
	const char *encoding = request_header(request, "Content-Encoding");
	if (encoding != NULL && *encoding != '\0' && strcasecmp(encoding, "identity") != 0) {
		reply_header(reply, "Accept-Encoding", "identity"); /* RFC 9110, section 15.5.16 */
		return err_of(ERR_BAD_CONTENT_ENCODING);
	}
	bool takes = (route->takes & TAKES_BODY) != 0 || strcmp(request->method, "GET") == 0;
	return takes ? err : field_refuse_body(request);
}

static struct err
route_and_call(struct worker *worker, struct call *call)
{
	const struct route *route;
	const char *allow;
	if (guard_cors(call->request, call->reply, call->config)) {
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	enum err_code broken = authorize_broken(call->request, call->config);
	if (broken != ERR_OK)
		return err_of(broken);
	enum err_code found = route_find(&worker->running->program->routes, call->request, &route, &allow);
	if (found == ERR_METHOD_NOT_ALLOWED)
		reply_header(call->reply, "Allow", allow);
	if (found != ERR_OK)
		return err_of(found);
	if (route->access != ACCESS_PUBLIC) {
		struct user *user = arena_alloc(call->arena, sizeof(*user));
		if (user == NULL)
			return err_of(ERR_NO_MEMORY);
		struct err err = guard_user(call->request, call->reply, call->store, user);
		if (err.code != ERR_OK)
			return err;
		call->user = user;
		if (route->access == ACCESS_ADMIN && !user->admin)
			return err_of(ERR_FORBIDDEN);
	}
	if (authorize_is_asked(call->request)) {
		int64_t largest = worker->running->program->largest_body;
		return authorize_body(call, largest > 0 ? largest : LIMIT_JSON_BODY);
	}
	struct err err = check_request(route, call->request, call->reply);
	return err.code == ERR_OK ? route->handler(call) : err;
}

/* The line about a call. What is first in it is ours, and its client's address is right where that of
 * trusted_proxies is: conf/fail2ban-filter.conf goes by it. */
static void
log_call(const struct call *call, enum err_code code)
{
	const struct request *request = call->request;
	const char *client = request->remote_addr[0] != '\0' ? request->remote_addr : "-";
	int64_t user = call->user != NULL ? call->user->id : 0;
	if (call->reply->detached)
		log_info("request=%s client=%s user=%" PRId64 " method=%s path=%s held", request->id, client,
		         user, request->method, request->path);
	else
		log_line(call->reply->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		         "request=%s client=%s user=%" PRId64 " method=%s path=%s status=%d ms=%" PRId64
		         " code=%s",
		         request->id, client, user, request->method, request->path, call->reply->status,
		         clock_mono_ms() - request->started_ms, err_word(code));
}

/* Keeps the last use of what the user has come by. */
static void
note_use(const struct call *call)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	if (call->user == NULL || !session_use_is_due(call->user))
		return;
	guard_token_hash(call->request, hash);
	session_note_use(call->config->data, call->user, hash);
}

/* The links for a client that sees us below a path: base_path, unless a proxy that is trusted says what it
 * has cut off. What is not cut off is cut off here. */
static const struct links *
links_for(const struct running *running, struct request *request)
{
	const struct config *config = running->config;
	char base[2 * PREFIX_SIZE];
	bool below = request_below(request, config->base_path);
	if (config->trusted_proxies[0] == '\0')
		return running->links;
	const char *cut = request_header(request, "X-Forwarded-Prefix");
	if (cut == NULL || !proxy_trusted(request, config->trusted_proxies))
		return running->links;
	size_t len = strnlen(cut, PREFIX_SIZE);
	if (len > 0 && cut[len - 1] == '/')
		len--;
	snprintf(base, sizeof(base), "%.*s%s", (int)len, cut, below ? config->base_path : "");
	return prefix_valid(base) ? links_below(running->links, base) : running->links;
}

static void
handle(void *thread, struct request *request, struct reply *reply)
{
	struct worker *worker = thread;
	struct call call = {
	    .request = request,
	    .reply = reply,
	    .arena = request->arena,
	    .store = worker->store,
	    .config = worker->running->config,
	    .links = links_for(worker->running, request),
	    .lang = guard_lang(request),
	    .program = worker->running->state,
	};
	if (worker->running->program->snapshot)
		store_snapshot(worker->store); /* without it each read stands for itself, and is as good */
	struct err err = route_and_call(worker, &call);
	store_snapshot_end(worker->store);
	store_rollback(worker->store); /* whatever a handler may have left open */
	note_use(&call);
	bool ours = !reply->detached && !reply->streaming; /* to send */
	if (err.code == ERR_OK && ours && (reply->body.failed || reply->headers.failed)) {
		bool full = reply->body.full || reply->headers.full;
		reply_reset(reply);
		err = err_of(full ? ERR_INTERNAL : ERR_NO_MEMORY);
	}
	if (err.code != ERR_OK && ours) {
		/* What is refused before its body has surely made nothing. */
		err.no_auto_retry =
		    err.no_auto_retry || (!authorize_is_asked(request) && openai_is_blind(request, &err));
		envelope_error(request, reply, &err, call.lang);
	}
	if (!reply->detached)
		request_drain(request); /* only then is its room free */
	authorize_end(request, call.config);
	if (err.code != ERR_OK || !authorize_is_asked(request))
		log_call(&call, err.code);
}

/* ---- threads ---- */

static void
tell_database(const char *data, enum err_code err)
{
	char why[512];
	log_error("the database cannot be opened: %s",
	          access_denied(data, why, sizeof(why)) ? why : err_text(err, "en"));
}

static void *
worker_open(void *cookie)
{
	const struct running *running = cookie;
	struct worker *worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return NULL;
	worker->running = running;
	enum err_code err = store_open(running->config->data, running->program->mode, &worker->store);
	if (err != ERR_OK) {
		tell_database(running->config->data, err);
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
	running->program->run(running->state, false);
	return NULL;
}

/* ---- life ---- */

/* On a shared host nobody runs `longreel serve`: there the first request makes the database. */
static enum err_code
prepare_cgi(const struct config *config)
{
	struct store *store = NULL;
	upload_make_dir(config->data);
	enum err_code err = store_open(config->data, STORE_READ, &store);
	if (err == ERR_NOT_FOUND || err == ERR_SCHEMA_TOO_OLD)
		err = store_open(config->data, STORE_MIGRATE, &store);
	if (err != ERR_OK) {
		tell_database(config->data, err);
		return err;
	}
	store_close(store);
	return ERR_OK;
}

/* suEXEC of a shared host keeps the environment from programs: there a link beside cgi-bin says where the
 * data is. */
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

/* Opens what the threads share. The reason for a failure is only in the log: it may name paths. */
static enum err_code
open_all(struct running *running)
{
	const struct program *program = running->program;
	char why[512];
	running->config = load_config(why, sizeof(why));
	if (running->config == NULL) {
		log_error("%s", why);
		return ERR_INTERNAL;
	}
	log_open(program->name, log_level_of(running->config->log_level),
	         strcmp(running->config->log_to, "syslog") == 0);
	char turns[PATH_MAX];
	if (snprintf(turns, sizeof(turns), "%s/password.lock", running->config->data) < (int)sizeof(turns))
		turns_share(turns);
	enum err_code err = serve_is_cgi() ? prepare_cgi(running->config) : ERR_OK;
	if (err == ERR_OK && (running->links = links_open(running->config)) == NULL) {
		log_error("%s/link.key: %s", running->config->data, strerror(errno));
		err = ERR_INTERNAL;
	}
	if (err == ERR_OK && program->open != NULL) {
		running->state = program->open(running->config, why, sizeof(why));
		if (running->state == NULL) {
			log_error("%s", why);
			err = ERR_INTERNAL;
		}
	}
	return err;
}

/* Under CGI somebody waits for an answer, whatever it is that we cannot do. False where it found no memory.
 */
static bool
excuse(enum err_code code)
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
	    .handle = handle,
	    .cookie = running,
	};
	pthread_t runner;
	bool threaded = program->run != NULL && !serve_is_cgi();
	if (threaded && pthread_create(&runner, NULL, run_thread, running) != 0)
		return -1;
	int result = serve_run(&service);
	if (threaded) {
		program->stop(running->state);
		pthread_join(runner, NULL);
	} else if (program->run != NULL) {
		program->run(running->state, true);
	}
	return result;
}

/* Large blocks, such as an image that came as text, go back to the system when they are freed. Else malloc
 * would keep them from the second one on (mallopt(3), M_MMAP_THRESHOLD), in each thread. */
static void
settle_memory(void)
{
	mallopt(M_ARENA_MAX, ARENAS); /* not one for each thread: those of the busiest program have one each,
	                                 the others mostly wait */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BLOCK);
}

int
program_main(const struct program *program)
{
	struct running running = {.program = program};
	settle_memory();
	serve_signals();
	log_open(program->name, LOG_LEVEL_INFO, false);
	if (!crypto_open()) {
		log_error("the system has no randomness");
		return EXIT_FAILURE;
	}
	enum err_code err = open_all(&running);
	if (err == ERR_OK && serve(&running) != 0)
		err = ERR_INTERNAL;
	bool answered = err == ERR_OK || (serve_is_cgi() && excuse(err));
	if (running.state != NULL)
		program->close(running.state);
	links_close(running.links);
	config_free(running.config);
	return answered ? EXIT_SUCCESS : EXIT_FAILURE;
}
