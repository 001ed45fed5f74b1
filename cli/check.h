/* The parts of `longreel check`. Each says a line or more, and returns false for a fault. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <stdbool.h>

#include "findings.h"

struct arena;
struct cli_call;
struct config;

struct check {
	const struct cli_call *call;
	struct arena *arena;
	const char *install;
	struct config *config; /* NULL where it cannot be read; all below check_clock() want it */
	struct findings *out;
};

/* True for an address, of instance_served() or of the key listen, that only this machine reaches. */
bool check_is_local(const char *address);

/* Whether the data is private, and all of it that of one user: a command run as another leaves files that the
 * service cannot write. */
bool check_owners(const struct check *check);

/* Whether the clock is a possible one, and kept right: leases, logins and links to videos live by it. */
bool check_clock(const struct check *check);

/* Whether the proxy that public_url tells of is believed. */
void check_proxy(const struct check *check);

/* Whether what is said about sending kept videos can work. */
void check_sendfile(const struct check *check);

/* Whether there are descriptors enough for the clients that memory allows. */
void check_descriptors(const struct check *check);

/* Whether there is a lighttpd; its version, and the age of one that is carried along. */
bool check_web_server(const struct check *check);

/* Whether all profiles can be read. */
bool check_profiles(const struct check *check);

/* Whether the earlier keys of the configuration can be read. */
bool check_old_keys(const struct check *check);

#endif
