/* What `longreel serve` holds while it runs. Internal to serve.c and reload.c. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "instance.h"
#include "lighttpd.h"
#include "listen.h"

struct arena;
struct child_plan;
struct cli_call;
struct config;
struct probe;
struct supervisor;

/* Of reload.c. */
struct reload {
	struct loop_timer timer; /* goes on without waiting any longer for who was retired last */
	size_t next;             /* among those that are renewed one after another */
	bool under_way;
	bool again; /* it was asked for meanwhile, or before everything was ready */
};

struct serve {
	const struct cli_call *call;
	struct arena *arena;
	struct config *config;
	const char *install;
	struct instance instance;
	struct lighttpd lighttpd;
	int listener;
	char address[LISTEN_ADDRESS_SIZE];
	int64_t descriptors;
	struct loop *loop;
	struct loop_watch signals;
	int64_t told_at;            /* to stop, by clock_mono_ms(); 0 = not yet */
	struct loop_timer deadline; /* of the start */
	struct supervisor *supervisor;
	struct probe *probe;
	struct reload reload;
	bool ready;
	int result;
};

/* Reads the configuration, and tries what the programs will do with it. The caller frees it; NULL with one
 * sentence in `ret_why`. */
struct config *serve_config(const struct serve *serve, char *ret_why, size_t why_size);

/* How lighttpd is to be configured, in `file`. */
struct lighttpd_plan
serve_lighttpd_plan(const struct serve *serve, const struct config *config, const char *file);

/* The child lighttpd, by serve->lighttpd. False when memory is short. */
bool serve_web_server(struct serve *serve, struct child_plan *ret_plan);

/* How long a program may take to end. */
int64_t serve_grace(const struct config *config);

/* Log lines go where the configuration says, from its level on. The first says how many clients there may be,
 * and what it follows from. */
void serve_log(const struct serve *serve, const struct config *config);

/* Says what is open to strangers, where strangers may come. */
void serve_warn(const struct serve *serve);

/* Reads the configuration again (SIGHUP) and has everything follow it; one that is bad changes nothing, and a
 * line in the log says why. What is under way goes on to its end. */
void reload_begin(struct serve *serve);

/* One of the retired has ended. */
void reload_go_on(struct serve *serve);

#endif
