/* The database as a whole. Threads and errors as in store.h. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;

/* Reads a number that changes whenever another connection commits. */
enum err_code store_data_version(struct store *store, int64_t *ret_version);

/* Checks the whole file (SQLite: integrity_check and foreign_key_check). ERR_CORRUPT with a sentence in
 * `ret_why`, in the arena. */
enum err_code store_check(struct store *store, struct arena *arena, const char **ret_why);

/* Compares the counts that lists and metrics are answered from with the tasks. They differ only after a
 * change of the tasks past the verbs, such as in the sqlite3 shell. Reads all tasks. */
enum err_code store_counts_check(struct store *store, bool *ret_match);

/* Counts all tasks anew, inside a transaction. */
enum err_code store_counts_mend(struct store *store);

/* Writes a consistent copy to the new file `path` while others work. The copy has an epoch of its own, so
 * that cursors given out after it was made are recognised as another database's. ERR_CONFLICT where `path`
 * exists. Not inside a transaction; in a snapshot it is that which is copied, else one of its own. It goes
 * step by step: between two it asks `go_on` (NULL = always), and ends with ERR_STOPPING where that is false.
 */
enum err_code store_backup(struct store *store, const char *path, bool (*go_on)(void *cookie), void *cookie);

#endif
