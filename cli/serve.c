/* longreel serve: the whole instance, in the foreground. It starts in this order: data directory and lock,
 * address, configuration, database, lighttpd's configuration, sockets and children; every mistake is found
 * before anything runs. It stops in the order of enum child_stage: the programs first, while lighttpd still
 * carries their answers. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/machine.h"
#include "base/home.h"
#include "base/owner.h"
#include "base/stop.h"
#include "cli.h"
#include "domain/video/access.h"
#include "probe.h"
#include "serve.h"
#include "supervise.h"
#include "upstream/http/curl.h"

enum {
	START_MS = 20000,
	WORKER_MARGIN_MS = 5000,
	SIMULATOR_GRACE_MS = 3000,
	WEB_GRACE_MS = 5000,
	REPEAT_MS = 1000
};

/* ---- preparation: nothing runs yet ---- */

/* Reads the configuration, so that a mistake is reported once, and not by each program. */
static bool
read_config(struct serve *serve)
{
	char why[512];

	/* lighttpd sends the archive's videos itself. */
	if ((serve->sockets == NULL &&
	     setenv("LONGREEL_SENDFILE", serve->call->cgi ? "off" : "x-sendfile", 1) < 0) ||
	    setenv("LONGREEL_DATA", serve->instance.data, 1) < 0)
		return false;
	serve->config = serve_config(serve, why, sizeof(why));
	if (!serve->config) {
		cli_fail("%s", why);
		return false;
	}
	return true;
}

/* Does and logs what follows from the configuration; once, though it is read again for the simulator. */
static void
apply_config(const struct serve *serve)
{
	serve_log(serve, serve->config);
	serve_warn(serve);
	if (serve->listener >= 0)
		listen_defer(serve->listener, *serve->config->trusted_proxies == '\0');
}

static bool
find_programs(struct serve *serve)
{
	if (serve->sockets == NULL &&
	    !lighttpd_find(serve->arena, serve->install, serve->config, &serve->lighttpd)) {
		cli_fail("lighttpd is missing: install it, run `make setup`, or set `lighttpd` in the "
		         "configuration.");
		return false;
	}
	if (curl_missing()) {
		cli_fail("libcurl is missing: install it, or run `make setup`.");
		return false;
	}
	for (const char *const *name = lighttpd_programs(); *name; name++) {
		const char *path = arena_printf(serve->arena, "%s/cgi-bin/%s", serve->install, *name);

		if (path == NULL || access(path, X_OK) < 0) {
			cli_fail("cannot run %s: %s", path ? path : *name, strerror(errno));
			return false;
		}
	}
	return true;
}

struct lighttpd_plan
serve_lighttpd_plan(const struct serve *serve, const struct config *config, const char *file)
{
	return (struct lighttpd_plan){
	    .install = serve->install,
	    .config = config,
	    .file = file,
	    .address = serve->address,
	    .connections = machine_connections(config->max_connections, machine_memory(), serve->descriptors),
	    .memory = machine_memory(),
	    .descriptors = serve->descriptors,
	    .simulator = serve->simulator,
	    .cgi = serve->call->cgi};
}

static bool
prepare(struct serve *serve)
{
	char why[512];

	serve->descriptors = machine_descriptors(); /* the children inherit them */
	serve->install = file_install_dir(serve->arena);
	if (!serve->install) {
		cli_fail("cannot find the folder in which longreel is installed.");
		return false;
	}
	/* Only root may bind a port below 1024. */
	if (serve->call->sockets != NULL && !serve_sockets_open(serve))
		return false;
	if (owner_differs(serve->call->data) && (!serve_bind(serve) || !cli_become_owner(serve->call->data)))
		return false;
	if (instance_open(serve->call->data, serve->arena, &serve->instance) < 0)
		return false;
	if (access_denied(serve->instance.data, why, sizeof(why))) {
		cli_fail("%s", why);
		return false;
	}
	if (serve->sockets != NULL)
		snprintf(serve->address, sizeof(serve->address), "unix:%s/", serve->sockets);
	else if (serve->listener < 0 && !serve_bind(serve))
		return false;
	if (serve->simulator && !serve_simulate(serve))
		return false;
	instance_note(&serve->instance, serve->address);
	bool simulated = serve->simulator;
	if (!read_config(serve))
		return false;
	apply_config(serve);
	if (!find_programs(serve) || !serve_prepare_database(serve))
		return false;
	if (serve->simulator && !simulated) {
		config_free(serve->config);
		serve->config = NULL;
		if (!serve_simulate(serve) || !read_config(serve))
			return false;
	}
	if (!archive_access_set(serve->config, false, why, sizeof(why))) {
		cli_fail("%s.", why);
		return false;
	}
	if (serve->sockets != NULL)
		return true;
	const struct lighttpd_plan plan = serve_lighttpd_plan(serve, serve->config, "run/lighttpd.conf");
	return lighttpd_write(serve->arena, &plan);
}

/* ---- the children ---- */

static const char **
make_argv(struct serve *serve, const char *const *words, size_t count)
{
	const char **argv = arena_alloc(serve->arena, (count + 1) * sizeof(*argv));

	if (argv)
		memcpy(argv, words, count * sizeof(*argv));
	return argv;
}

int64_t
serve_grace(const struct config *config)
{
	return config->shutdown_grace + WORKER_MARGIN_MS;
}

static bool
add_program(struct serve *serve, const char *name)
{
	bool simulator = strcmp(name, "simulator") == 0;
	const char *program = arena_printf(serve->arena, "%s/cgi-bin/%s", serve->install, name);
	const char *socket = arena_printf(serve->arena, "run/%s.sock", name);
	const char **argv = make_argv(serve, &program, 1);

	if (program == NULL || socket == NULL || !argv)
		return false;
	int input = serve->sockets != NULL ? serve_socket(serve, name) : listen_unix(socket);
	if (input < 0)
		return false;
	return supervisor_add(serve->supervisor,
	                      &(struct child_plan){
	                          .name = name,
	                          .argv = argv,
	                          .input = input,
	                          .web = -1,
	                          .stage = simulator ? STAGE_SIMULATOR : STAGE_WORKERS,
	                          .stop_signal = SIGTERM,
	                          .grace_ms = simulator ? SIMULATOR_GRACE_MS : serve_grace(serve->config),
	                      });
}

static bool
add_poller(struct serve *serve)
{
	const char *program = arena_printf(serve->arena, "%s/longreel-poller", serve->install);
	const char **argv =
	    make_argv(serve, (const char *const[]){program, "--data", serve->instance.data}, 3);

	return program && argv &&
	       supervisor_add(serve->supervisor, &(struct child_plan){
	                                             .name = "poller",
	                                             .argv = argv,
	                                             .input = -1,
	                                             .web = -1,
	                                             .stage = STAGE_WORKERS,
	                                             .stop_signal = SIGTERM,
	                                             .grace_ms = serve_grace(serve->config),
	                                         });
}

bool
serve_web_server(struct serve *serve, struct child_plan *ret_plan)
{
	const char *const words[] = {serve->lighttpd.program, "-D", "-f",
	                             "run/lighttpd.conf",     "-m", serve->lighttpd.modules};
	const char **argv = make_argv(serve, words, serve->lighttpd.modules ? 6 : 4);

	*ret_plan = (struct child_plan){
	    .name = "lighttpd",
	    .argv = argv,
	    .input = -1,
	    .web = serve->listener,
	    .stage = STAGE_WEB_SERVER,
	    .stop_signal = SIGINT, /* ends after the requests under way */
	    .hurry_signal = SIGTERM,
	    .grace_ms = WEB_GRACE_MS,
	};
	return argv != NULL;
}

static bool
add_web_server(struct serve *serve)
{
	struct child_plan plan;

	return serve_web_server(serve, &plan) && supervisor_add(serve->supervisor, &plan);
}

static bool
start_children(struct serve *serve)
{
	for (const char *const *name = lighttpd_programs(); *name && !serve->call->cgi; name++) {
		if ((serve->simulator || strcmp(*name, "simulator") != 0) && !add_program(serve, *name))
			return false;
	}
	return (serve->sockets != NULL || add_web_server(serve)) && add_poller(serve);
}

/* ---- events ---- */

static void
stop(struct serve *serve)
{
	probe_stop(serve->probe);
	loop_timer_cancel(serve->loop, &serve->deadline);
	loop_timer_cancel(serve->loop, &serve->reload.timer);
	serve->reload.under_way = serve->ready = false;
	/* lighttpd has its own descriptor. */
	if (serve->listener >= 0)
		close(serve->listener);
	serve->listener = -1;
	supervisor_stop(serve->supervisor);
}

static void
on_signal(void *cookie, unsigned events)
{
	struct serve *serve = cookie;
	struct signalfd_siginfo info;

	(void)events;
	while (read(serve->signals.fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			supervisor_reap(serve->supervisor);
		} else if (info.ssi_signo == SIGHUP && info.ssi_code != SI_KERNEL) {
			/* SI_KERNEL: the terminal is gone. */
			reload_begin(serve);
		} else {
			/* A terminal or timeout(1) may signal the group and the process: once is meant. */
			int64_t now = clock_mono_ms();
			if (serve->stop_asked_at != 0 && now - serve->stop_asked_at < REPEAT_MS)
				continue;
			serve->stop_asked_at = now;
			log_info("stopping on signal %d", (int)info.ssi_signo);
			stop(serve);
		}
	}
}

static void
on_ready(void *cookie)
{
	struct serve *serve = cookie;

	loop_timer_cancel(serve->loop, &serve->deadline);
	serve->ready = true;
	printf("ready %s%s\n", *serve->loopback ? "http://" : "", serve->address);
	serve_greet(serve);
	if (cli_finish() != CLI_DONE)
		stop(serve);
	else if (serve->reload.again)
		reload_begin(serve);
}

static void
on_deadline(void *cookie)
{
	struct serve *serve = cookie;

	serve->result =
	    cli_fail("no answer to GET /health within %d s; see the messages above.", START_MS / 1000);
	stop(serve);
}

static void
on_death(void *cookie, const char *name, const char *how)
{
	struct serve *serve = cookie;

	/* One that was killed leaves what it had stored, outside of the budget. */
	if (strcmp(name, "lighttpd") == 0 && !supervisor_retiring(serve->supervisor, name))
		instance_clear_uploads();
	if (serve->ready || serve->result != CLI_DONE)
		return;
	serve->result = cli_fail("%s %s during the start; see the messages above.", name, how);
	stop(serve);
}

static void
on_retired(void *cookie)
{
	reload_go_on(cookie);
}

static void
on_all_ended(void *cookie)
{
	struct serve *serve = cookie;

	loop_stop(serve->loop);
}

static bool
watch_signals(struct serve *serve)
{
	sigset_t set;

	stop_set(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	serve->signals = (struct loop_watch){
	    .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .fn = on_signal, .cookie = serve};
	return serve->signals.fd >= 0 && loop_add(serve->loop, &serve->signals, LOOP_READ);
}

/* Starts the children and runs until all have ended. */
static void
run(struct serve *serve)
{
	const struct supervisor_events events = {
	    .died = on_death, .all_ended = on_all_ended, .retired = on_retired, .cookie = serve};

	serve->loop = loop_new();
	serve->supervisor = serve->loop ? supervisor_new(serve->loop, serve->arena, &events) : NULL;
	serve->deadline = (struct loop_timer){.fn = on_deadline, .cookie = serve};
	if (!serve->supervisor || !watch_signals(serve) ||
	    !loop_timer_set(serve->loop, &serve->deadline, clock_mono_ms() + START_MS)) {
		serve->result = cli_fail("cannot start: %s", strerror(errno));
		return;
	}
	bool started = start_children(serve);
	/* What is asked from now on waits at the sockets until the programs take it. */
	if (started && serve->sockets != NULL)
		on_ready(serve);
	else if (started)
		serve->probe = probe_start(serve->loop, serve->arena, serve->listener, on_ready, serve);
	if (!started || (!serve->probe && serve->sockets == NULL)) {
		serve->result = cli_fail("cannot start all programs.");
		stop(serve);
	}
	loop_run(serve->loop);
	log_info("stopped");
}

int
cli_serve(const struct cli_call *call)
{
	struct serve serve = {.call = call,
	                      .simulator = call->simulator,
	                      .instance = {.lock = -1},
	                      .listener = -1,
	                      .result = CLI_FAILED};

	umask(077);
	log_open("serve", LOG_LEVEL_INFO, false);
	serve.signals.fd = -1;
	serve.arena = arena_new();
	if (!serve.arena)
		return cli_fail("not enough memory.");
	if (call->at_home && !home_make_parents(call->data))
		cli_fail("cannot make the directories above %s: %s", call->data, strerror(errno));
	else if (prepare(&serve)) {
		serve.result = CLI_DONE;
		run(&serve);
	}
	serve_unbind(&serve);
	if (serve.listener >= 0)
		close(serve.listener);
	if (serve.signals.fd >= 0)
		close(serve.signals.fd);
	loop_free(serve.loop);
	instance_close(&serve.instance);
	config_free(serve.config);
	arena_free(serve.arena);
	return serve.result;
}
