/* The state of `longreel serve`, shared by serve.c, serve_*.c and reload.c. One thread at a time. */
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

/* A reload under way; of reload.c. */
struct reload {
	struct loop_timer timer; /* when to go on although the process before has not ended */
	size_t next;             /* the program to renew next */
	bool under_way;
	bool again; /* it was asked for meanwhile, or before the instance was ready */
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
	char loopback[LISTEN_ADDRESS_SIZE]; /* to reach it from this machine; "" with a unix socket */
	int64_t descriptors;
	struct loop *loop;
	struct loop_watch signals;
	int64_t stop_asked_at;      /* clock_mono_ms(); 0 = not yet */
	struct loop_timer deadline; /* of the start */
	struct supervisor *supervisor;
	struct probe *probe;
	struct reload reload;
	bool simulator;      /* it runs, and is the upstream */
	const char *sockets; /* absolute: for another web server, in place of lighttpd; NULL = not so */
	int sockets_made;    /* in there, by this process */
	bool any_admin;      /* there was an administrator at the start */
	bool ready;
	int result;
};

/* Reads the configuration and opens its channels once, as the programs will. The caller frees it. NULL with a
 * sentence in `ret_why`. */
struct config *serve_config(const struct serve *serve, char *ret_why, size_t why_size);

/* Brings the database up to date, and notes what follows from what it holds: whether the simulator is the
 * upstream, whether there is an administrator. On failure says why and returns false. */
bool serve_prepare_database(struct serve *serve);

/* The plan of lighttpd's configuration, to be written to `file`. */
struct lighttpd_plan
serve_lighttpd_plan(const struct serve *serve, const struct config *config, const char *file);

/* Plans the child lighttpd, by serve->lighttpd. False when memory is short. */
bool serve_web_server(struct serve *serve, struct child_plan *ret_plan);

/* The time that a program gets to end, in ms. */
int64_t serve_grace(const struct config *config);

/* Opens the log as the configuration says, and writes a line with the limits of clients and their reason. */
void serve_log(const struct serve *serve, const struct config *config);

/* Listens where the command line says, else the configuration of call->data, an existing directory. On
 * failure says why and returns false. */
bool serve_bind(struct serve *serve);

/* Checks --sockets and makes its folder, before DATA is entered. On failure says why and returns false. */
bool serve_sockets_open(struct serve *serve);

/* Listens for the program `name` in serve->sockets: the archive's group may connect, without one that of this
 * process. A descriptor, or -1 after a message. */
int serve_socket(struct serve *serve, const char *name);

/* Removes the sockets that this process has made there. */
void serve_sockets_close(const struct serve *serve);

/* Makes the simulator the upstream of all programs. False where it cannot be reached, after a message. */
bool serve_simulate(struct serve *serve);

/* Removes the unix socket that was listened on. */
void serve_unbind(const struct serve *serve);

/* True where it was started by hand: at a terminal, or with no data directory named. */
bool serve_greets(const struct serve *serve);

/* Says on standard output what to do next, where it was started by hand. */
void serve_greet(const struct serve *serve);

/* Warns of open registration where others can reach the address. */
void serve_warn(const struct serve *serve);

/* Reads the configuration again (SIGHUP) and renews everything by it. A bad one changes nothing, and a line
 * in the log says why. Requests under way are finished. */
void reload_begin(struct serve *serve);

/* Goes on with the reload when a retired process has ended. */
void reload_go_on(struct serve *serve);

#endif
