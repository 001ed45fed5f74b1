/* SQL of a test's own, past the verbs: to look at what stands in the database, and to put there what no verb
 * would. Every function fails the test rather than return an error. */
#ifndef SUPPORT_RAW_H
#define SUPPORT_RAW_H

#include <stdint.h>

#include "base/buf.h"

struct store;

/* Runs any number of statements. */
void raw_run(struct store *store, const char *sql);

/* The number that the first row begins with. */
int64_t raw_number(struct store *store, const char *sql);

/* Appends all columns of all rows: "a|b|" and a line feed each. */
void raw_rows(struct store *store, const char *sql, struct buf *out);

/* Returns the cost of fn() in instructions of SQLite's machine: no clock is as steady. */
int64_t raw_cost(struct store *store, void (*fn)(void *cookie), void *cookie);

/* Does the same, and writes the number of pages that were looked into, too. */
void raw_costs(struct store *store, void (*fn)(void *cookie), void *cookie, int64_t *ret_instructions,
               int64_t *ret_pages);

/* Runs what() when so many instructions of fn() are done, as another process would, and not at all where it
 * has ended before. */
void raw_amid(struct store *store, int instructions, void (*what)(void *cookie), void (*fn)(void *cookie),
              void *cookie);

#endif
