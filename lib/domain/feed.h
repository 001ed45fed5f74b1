/* Cursors: a place in the order of changes, and the database that it belongs to. Opaque to clients, valid for
 * ever. Thread-safe. */
#ifndef DOMAIN_FEED_H
#define DOMAIN_FEED_H

#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"

enum { FEED_CURSOR_SIZE = IDS_SHORT_SIZE + 24 };

/* Writes the cursor for the revision `rev` of the database `epoch`. */
void feed_cursor_text(const char *epoch, int64_t rev, char ret_cursor[FEED_CURSOR_SIZE]);

/* Reads a cursor. "0" is revision 0 of any database. ERR_BAD_CURSOR; ERR_CURSOR_GONE for another epoch, and
 * for a revision after `head`, which only a database that has since been restored can have given out. */
enum err_code feed_cursor_parse(const char *cursor, const char *epoch, int64_t head, int64_t *ret_rev);

#endif
