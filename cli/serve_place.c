/* Where `longreel serve` listens, the simulator behind that address, and what it says to those who start it
 * by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/place.h"
#include "base/owner.h"
#include "cli.h"
#include "serve.h"

/* The simulator takes any key. A sentence that has the channel's key in it is never shown: this one is in
 * none. */
#define SIMULATOR_KEY "simulated-key-that-opens-nothing"

/* ---- where ---- */

/* Reads --listen and --port. False after a message. */
static bool
place_of_call(const struct cli_call *call, struct place *ret_place)
{
	*ret_place = (struct place){.port = -1};
	if (call->listen != NULL && !place_read(call->listen, ret_place)) {
		cli_fail("--listen must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH, such as 0.0.0.0:8080");
		return false;
	}
	if (call->port >= 0 && (ret_place->local || ret_place->port >= 0)) {
		cli_fail("--listen %s leaves no choice to --port", call->listen);
		return false;
	}
	if (call->port >= 0)
		ret_place->port = call->port;
	return true;
}

/* Reads `listen` of the configuration. False after a message. */
static bool
place_of_config(const char *data, struct place *ret_place)
{
	char why[512];

	*ret_place = (struct place){.port = -1};
	struct config *config = config_load(data, why, sizeof(why));
	if (config == NULL)
		cli_fail("%s", why);
	else if (*config->listen != '\0')
		place_read(config->listen, ret_place);
	config_free(config);
	return config != NULL;
}

bool
serve_bind(struct serve *serve)
{
	const struct cli_call *call = serve->call;
	/* Once it is open the working directory is the data's, and a relative path leads elsewhere. */
	const char *data = serve->instance.data != NULL ? serve->instance.data : call->data;
	bool named = call->listen != NULL || call->port >= 0;
	if (serve->sockets != NULL)
		return true;
	struct listen_plan plan = {.uid = geteuid(), .gid = getegid()};
	struct stat st;

	if (named ? !place_of_call(call, &plan.place) : !place_of_config(data, &plan.place))
		return false;
	/* The owner of the data directory names any path there: root makes no file for that. */
	if (!named && plan.place.local && owner_differs(data))
		return true;
	if (owner_differs(data) && stat(data, &st) == 0) {
		plan.uid = st.st_uid;
		plan.gid = owner_group(&st);
	}
	/* Only a proxy of this machine can connect to a file: what it forwards is believed. */
	if (plan.place.local && setenv("LONGREEL_TRUSTED_PROXIES", "127.0.0.1", 1) < 0)
		return false;
	plan.any = call->at_home && plan.place.port < 0 && plan.place.name[0] == '\0';
	serve->listener = listen_at(&plan, serve->address, serve->loopback);
	return serve->listener >= 0;
}

void
serve_unbind(const struct serve *serve)
{
	serve_sockets_close(serve);
	if (serve->sockets == NULL && strncmp(serve->address, "unix:", 5) == 0)
		unlink(serve->address + 5);
}

bool
serve_simulate(struct serve *serve)
{
	const char *base = arena_printf(serve->arena, "http://%s/simulator", serve->loopback);

	if (*serve->loopback == '\0') {
		cli_fail("--simulator: the programs reach it by TCP alone; choose another --listen");
		return false;
	}
	return base != NULL && setenv("LONGREEL_UPSTREAM_BASE", base, 1) == 0 &&
	       setenv("LONGREEL_UPSTREAM_KEY", SIMULATOR_KEY, 1) == 0;
}

/* ---- what next ---- */

bool
serve_greets(const struct serve *serve)
{
	return serve->call->at_home || isatty(STDOUT_FILENO);
}

void
serve_greet(const struct serve *serve)
{
	const char *self = strchr(program_invocation_name, '/') ? program_invocation_name : "longreel";
	const char *data = serve->call->at_home ? "" : " --data ";

	if (!serve_greets(serve) || serve->sockets != NULL)
		return;
	if (*serve->loopback)
		printf("\n  page    http://%s/\n", serve->loopback);
	printf("  data    %s\n", serve->instance.data);
	if (serve->simulator)
		printf("  videos  come from a simulator; to take a real upstream: %s setup%s%s\n", self, data,
		       *data ? serve->instance.data : "");
	if (!serve->any_admin)
		printf("  users   %s; an administrator: %s user add NAME --admin%s%s\n",
		       config_on(serve->config->registration) ? "register on the page" : "are added by you",
		       self, data, *data ? serve->instance.data : "");
	printf("  stop    Ctrl-C\n\n");
}
