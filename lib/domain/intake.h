/* The budget of request bodies that the web server stores in DATA/tmp before a program reads them. lighttpd
 * has no budget of its own: so the program that it asks whether a body may come (api/authorize.h) claims room
 * for the whole body, and the claim ends when the body has been read. All claims stand in DATA/run/intake,
 * under a lock, so that their sum is exact for any number of programs.
 *
 * The claim of a body that is never sent to its end lasts as long as its connection: the kernel is asked for
 * that when there is no room. Where the connection cannot be seen, behind a proxy, it lasts as long as the
 * body may take. Thread-safe. */
#ifndef DOMAIN_INTAKE_H
#define DOMAIN_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/peer.h"

struct config;

enum {
	INTAKE_SMALL = 64 * 1024 /* bytes: a smaller body of known length stays in lighttpd's memory */
};

struct intake {
	int64_t user_id;
	int64_t bytes;    /* of the whole body, at most */
	struct peer peer; /* the client's connection; family 0 = not known */
};

/* Returns the bytes that all bodies may take together: tmp_max_mb, or by default what suits the machine. */
int64_t intake_budget(const struct config *config);

/* Returns the time that a body of so many bytes may take, in ms: half a minute, and its length at 16 kB/s. */
int64_t intake_patience(int64_t bytes);

/* True where the disk has room for so many bytes, and for a little more that the database needs. */
bool intake_fits(const struct config *config, int64_t bytes);

/* Claims room for a body; ret_claim gets the claim's name, never 0. ERR_TOO_MANY_UPLOADS where the user's
 * bodies would take more than half of the budget (one body is always allowed that much); ERR_UPLOADS_FULL
 * where all bodies would take more than the budget; ERR_NO_SPACE where the disk is too full; ERR_INTERNAL
 * with errno. */
enum err_code intake_claim(const struct config *config, const struct intake *intake, uint64_t *ret_claim);

/* Ends a claim. One that has ended, or 0, is fine. */
void intake_end(const struct config *config, uint64_t claim);

#endif
