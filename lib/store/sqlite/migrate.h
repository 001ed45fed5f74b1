/* Bringing a database up to date. The schema's version is SQLite's user_version: the number of the last
 * migration that was applied. */
#ifndef STORE_SQLITE_MIGRATE_H
#define STORE_SQLITE_MIGRATE_H

#include <stddef.h>

#include "base/err.h"

struct store;

struct sql_migration {
	int version;      /* 1, 2, 3, … */
	const char *name; /* "0001_first" */
	const char *text;
};

/* Made from sql/migrations. */
extern const struct sql_migration sql_migrations[];
extern const size_t sql_migration_count;

/* ERR_OK where the schema is the one that this program was made for; ERR_SCHEMA_TOO_OLD, ERR_SCHEMA_TOO_NEW,
 * ERR_NOT_OURS where the file is empty or another program's. */
enum err_code migrate_check(struct store *store);

/* Applies what is missing, each migration in a transaction of its own. Any number of processes may do so at
 * once. ERR_SCHEMA_TOO_NEW, ERR_NOT_OURS as above. */
enum err_code migrate_apply(struct store *store);

/* Fills the empty file that the caller has for itself. */
enum err_code migrate_create(struct store *store);

/* Gives the database a new epoch, inside the open transaction: it becomes another one in the eyes of cursors.
 */
enum err_code migrate_draw_epoch(struct store *store);

#endif
