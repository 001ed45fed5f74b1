/* Brings a database up to date. Internal to this folder. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/err.h"

struct store;

/* Compares the schema with that of this program: ERR_OK where they are the same; ERR_SCHEMA_TOO_OLD,
 * ERR_SCHEMA_TOO_NEW, ERR_NOT_OURS where the database is empty or another program's. */
enum err_code migrate_check(struct store *store);

/* Applies the missing migrations, all or none. Any number of processes may do so at once.
 * ERR_SCHEMA_TOO_NEW, ERR_NOT_OURS as above. */
enum err_code migrate_apply(struct store *store);

/* Applies all migrations to the new database `db`, for the engine's create(). The cookie is the store that
 * is to be opened. */
enum err_code migrate_fill(void *cookie, void *db);

#endif
