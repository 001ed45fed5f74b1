/* Reload: SIGHUP reads the configuration again. No request is refused or cut off. The sockets stay open; the
 * programs are replaced one after another, and the new ones accept from the same sockets, while the old ones
 * finish their requests (parked clients are answered at once) and end. lighttpd is replaced only where its
 * own configuration has changed; the old one keeps its connections until they end. The simulator is not
 * replaced. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "serve.h"
#include "supervise.h"

enum {
	STEP_MS = 2000,            /* until the next is renewed, although the one before has not ended */
	PATIENCE_MS = 3600 * 1000, /* for requests under way, such as a download */
	TRY_S = 10,
	CONF_MAX = 256 * 1024 /* bytes of lighttpd's configuration */
};

static const char conf[] = "run/lighttpd.conf", conf_new[] = "run/lighttpd.conf.new";

/* ---- lighttpd ---- */

/* Asks lighttpd itself to check the file; its complaints go to the log. */
static bool
check_conf(const struct lighttpd *lighttpd)
{
	const char *argv[] = {lighttpd->program, "-tt", "-f", conf_new, lighttpd->modules ? "-m" : NULL,
	                      lighttpd->modules, NULL};
	int status = -1;
	sigset_t none;

	pid_t pid = fork();
	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		alarm(TRY_S);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(EXIT_FAILURE);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
files_differ(const char *a, const char *b)
{
	struct buf one, two;

	buf_init(&one, CONF_MAX);
	buf_init(&two, CONF_MAX);
	bool same = file_read(a, &one) == ERR_OK && file_read(b, &two) == ERR_OK && one.len == two.len &&
	            (one.len == 0 || memcmp(one.data, two.data, one.len) == 0);
	buf_free(&one);
	buf_free(&two);
	return !same;
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Writes and checks lighttpd's configuration. `ret_renew`: it has changed. False with a reason. */
static bool
prepare_web_server(struct serve *serve, struct arena *arena, const struct config *config, bool *ret_renew,
                   const char **ret_why)
{
	const struct lighttpd_plan plan = serve_lighttpd_plan(serve, config, conf_new);
	struct lighttpd lighttpd;

	*ret_why = "lighttpd is missing";
	if (!lighttpd_find(arena, serve->install, config, &lighttpd))
		return false;
	*ret_why = "cannot make lighttpd's configuration";
	if (!lighttpd_write(arena, &plan))
		return false;
	bool other = !same_text(lighttpd.program, serve->lighttpd.program) ||
	             !same_text(lighttpd.modules, serve->lighttpd.modules);
	*ret_renew = other || files_differ(conf, conf_new);
	*ret_why = "lighttpd rejects its part";
	if (*ret_renew && !check_conf(&lighttpd))
		return false;
	*ret_why = "not enough memory";
	if (other && !lighttpd_find(serve->arena, serve->install, config, &serve->lighttpd))
		return false;
	return true;
}

static void
renew_web_server(struct serve *serve)
{
	struct child_plan plan;
	bool retired;

	if (rename(conf_new, conf) < 0 || !serve_web_server(serve, &plan) ||
	    !supervisor_renew(serve->supervisor, plan.name, &plan, PATIENCE_MS, &retired))
		log_error("lighttpd keeps the old configuration: %s", strerror(errno));
}

/* ---- one after another ---- */

/* The program at that index, the poller last; NULL behind it. */
static const char *
program_at(size_t at)
{
	const char *const *programs = lighttpd_programs();

	for (; *programs && at > 0; programs++)
		at--;
	return *programs ? *programs : at == 0 ? "poller" : NULL;
}

/* Renews the next program that runs. False where none is left. */
static bool
renew_next(struct serve *serve)
{
	bool retired = false;

	for (const char *name; !retired && (name = program_at(serve->reload.next)); serve->reload.next++) {
		const struct child_plan *now = supervisor_plan(serve->supervisor, name);

		if (now == NULL || now->stage != STAGE_WORKERS)
			continue;
		struct child_plan plan = *now;
		plan.grace_ms = serve_grace(serve->config);
		if (!supervisor_renew(serve->supervisor, name, &plan, PATIENCE_MS, &retired))
			log_error("%s keeps the old configuration", name);
	}
	return retired;
}

void
reload_go_on(struct serve *serve)
{
	struct reload *reload = &serve->reload;

	if (!reload->under_way)
		return;
	if (renew_next(serve)) {
		loop_timer_set(serve->loop, &reload->timer, clock_mono_ms() + STEP_MS);
		return;
	}
	loop_timer_cancel(serve->loop, &reload->timer);
	reload->under_way = false;
	log_info("the configuration was read again, and is in force");
	if (reload->again)
		reload_begin(serve);
}

static void
on_step(void *cookie)
{
	reload_go_on(cookie);
}

/* ---- the beginning ---- */

/* Reads and checks the configuration, and puts it in force. False after a line in the log. */
static bool
adopt_config(struct serve *serve, struct arena *arena)
{
	char text[512];
	const char *why = text;
	bool renew = false;

	struct config *config = serve_config(serve, text, sizeof(text));
	if (config == NULL ||
	    (serve->sockets == NULL && !prepare_web_server(serve, arena, config, &renew, &why))) {
		log_error("the configuration was read again, but the one before stays in force: %s", why);
		config_free(config);
		return false;
	}
	config_free(serve->config);
	serve->config = config;
	serve_log(serve, config);
	if (serve->listener >= 0)
		listen_defer(serve->listener, *config->trusted_proxies == '\0');
	serve_warn(serve);
	if (renew)
		renew_web_server(serve);
	return true;
}

void
reload_begin(struct serve *serve)
{
	struct reload *reload = &serve->reload;

	reload->again = !serve->ready || reload->under_way;
	if (reload->again)
		return;
	struct arena *arena = arena_new();
	if (arena && adopt_config(serve, arena)) {
		reload->under_way = true;
		reload->next = 0;
		reload->timer = (struct loop_timer){.fn = on_step, .cookie = serve};
		reload_go_on(serve);
	}
	arena_free(arena);
	unlink(conf_new);
}
