/* Cursors: text for a place in the order of changes, and the database that it belongs to. Opaque to clients,
 * never expires. Thread-safe. */
#ifndef DOMAIN_TASK_CURSOR_H
#define DOMAIN_TASK_CURSOR_H

#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"

enum { FEED_CURSOR_SIZE = IDS_SHORT_SIZE + 72 };

/* How far a client has come. One that asks for a single task sees that task's changes only: its cursor keeps
 * the place that it had reached among all the others, so that it can come back to them. */
struct feed_place {
	int64_t all; /* the revision up to which it has seen the changes of all tasks */
	int64_t one; /* the same of the single task that was asked for; at least `all` */
	int64_t id;  /* the row of that task; 0 where `one` is `all` */
};

/* Writes the cursor of a place in the database `epoch`. */
void feed_cursor_text(const char *epoch, struct feed_place place, char ret_cursor[FEED_CURSOR_SIZE]);

/* Reads a cursor; "0" is the beginning of any database. ERR_BAD_CURSOR; ERR_CURSOR_GONE for another epoch,
 * and for a revision after `head`: only a database that was restored since can have given it out. */
enum err_code
feed_cursor_parse(const char *cursor, const char *epoch, int64_t head, struct feed_place *ret_place);

#endif
