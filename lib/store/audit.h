/* The audit log: what operators have done. Threads and errors as in store.h. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;

/* One act; no string is NULL. */
struct audit {
	int64_t id; /* written by the store */
	int64_t at; /* ms since the epoch */
	const char *actor, *address;
	const char *action;  /* a word such as "credit.add" */
	const char *subject; /* what it was done to */
	const char *detail;  /* a JSON object, without secrets */
	const char *request_id;
};

/* Adds a row. */
enum err_code store_audit_add(struct store *store, const struct audit *audit);

/* Lists rows, latest first, with ids below `before` (INT64_MAX = all): `most` at most, an array in the arena.
 */
enum err_code store_audit_list(struct store *store, struct arena *arena, int64_t before, int64_t most,
                               struct audit **ret_rows, size_t *ret_count);

/* Removes at most `most` rows of before `since`, and returns their number. */
enum err_code store_audit_purge(struct store *store, int64_t since, int64_t most, int64_t *ret_count);

#endif
