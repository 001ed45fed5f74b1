/* The budget of bodies that the web server stores in DATA/tmp before a program reads them. lighttpd has none;
 * so who is asked whether a body may come (api/authorize.h) claims room for all of it, and gives it back when
 * the body has been read. All claims stand in DATA/run/intake, under a lock, so that their sum is exact for
 * any number of programs.
 *
 * A body that is not sent to its end gives nothing back: its claim lasts as long as its connection does,
 * which the kernel is asked for when there is no room. Where the connection cannot be seen (a proxy stands in
 * between), it lasts as long as the body may take. Thread-safe. */
#ifndef DOMAIN_INTAKE_H
#define DOMAIN_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/peer.h"

struct config;

enum {
	INTAKE_SMALL = 64 * 1024
}; /* bytes of a body that lighttpd keeps in memory, where it knows its length */

struct intake {
	int64_t user_id;
	int64_t bytes;    /* of the whole body, at most */
	struct peer peer; /* from whom it comes; family 0 = not known */
};

/* The bytes that all bodies may take together: tmp_max_mb, or what fits the machine. */
int64_t intake_budget(const struct config *config);

/* How long a body of so many bytes may take, in ms: half a minute, and its length at 16 kB/s. */
int64_t intake_patience(int64_t bytes);

/* True where the disk has so many bytes, and a little more, which the database needs. */
bool intake_fits(const struct config *config, int64_t bytes);

/* Claims room for a body. ERR_OK with the claim's name, never 0; ERR_TOO_MANY_UPLOADS where this user has
 * half of the budget (but room for one body there is); ERR_UPLOADS_FULL where others have the rest;
 * ERR_NO_SPACE where the disk has not so much; ERR_INTERNAL with errno. */
enum err_code intake_claim(const struct config *config, const struct intake *intake, uint64_t *ret_claim);

/* Ends a claim. One that is not there, or 0, is fine. */
void intake_end(const struct config *config, uint64_t claim);

#endif
