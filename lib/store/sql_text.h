/* The texts of the statements in sql/queries/, as sql/embed.awk has made them for an engine. */
#ifndef STORE_SQL_TEXT_H
#define STORE_SQL_TEXT_H

struct buf;

/* The text of statement `name` (enum sql_query) of the table. One that has options, and with them one text
 * for all their combinations, is put together in `room`, which the caller has initialized and frees after
 * use. NULL where that has no memory, or the table has no such statement. */
const char *sql_text(const char *const *queries, int name, struct buf *room);

#endif
