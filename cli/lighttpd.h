/* Finds lighttpd, and makes its configuration from the template share/lighttpd.conf. */
#ifndef CLI_LIGHTTPD_H
#define CLI_LIGHTTPD_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct config;

struct lighttpd {
	const char *program; /* its path */
	const char *modules; /* the folder of its modules; NULL = its own default */
};

struct lighttpd_plan {
	const char *install; /* the installation directory */
	const struct config *config;
	const char *file;    /* to write, such as run/lighttpd.conf */
	const char *address; /* where it listens, HOST:PORT */
	int64_t connections; /* of clients at once */
	int64_t memory;      /* of this machine, in bytes */
	int64_t descriptors; /* that lighttpd may open */
	bool simulator;
	bool cgi; /* plain CGI in place of FastCGI */
};

/* The programs of cgi-bin, NULL-terminated, the simulator last. Static. */
const char *const *lighttpd_programs(void);

/* Finds lighttpd: the configured one, else the one beside longreel, else the system's. False where there is
 * none. Strings live in the arena. */
bool lighttpd_find(struct arena *arena, const char *install, const struct config *config,
                   struct lighttpd *ret_lighttpd);

/* Writes plan->file and what it refers to, below the current directory, which is DATA; the unix
 * sockets are run/NAME.sock. On failure says why and returns false. */
bool lighttpd_write(struct arena *arena, const struct lighttpd_plan *plan);

#endif
