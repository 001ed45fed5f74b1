/* The SQLite engine: statements, transactions, and SQLite's errors turned into ours. */
#include "store/engine/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bell.h"

enum err_code
sqlite_error(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return ERR_CONFLICT;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return ERR_NOT_FOUND;
	case SQLITE_IOERR_NOMEM:
		return ERR_NO_MEMORY;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	default:
		return ERR_INTERNAL;
	}
}

/* The errno of the last write that has failed, of the database or of its log; 0 = none has. */
static int
last_errno(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int of_file = 0, of_log = 0;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &of_file);
	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log != NULL && log->pMethods != NULL)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &of_log);
	return of_log != 0 ? of_log : of_file != 0 ? of_file : sqlite3_system_errno(db);
}

enum err_code
sqlite_failure(sqlite3 *db, int code)
{
	bool writing = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE ||
	               code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMOPEN ||
	               (code & 0xff) == SQLITE_CANTOPEN;
	int why = writing ? last_errno(db) : 0;
	return why == ENOSPC || why == EDQUOT ? ERR_NO_SPACE : sqlite_error(code);
}

static const char *
message(void *db)
{
	struct sqlite *sqlite = db;
	return sqlite3_errmsg(sqlite->db);
}

/* ---- statements ---- */

static enum err_code
run(void *db, const char *text)
{
	struct sqlite *sqlite = db;
	return sqlite_failure(sqlite->db, sqlite3_exec(sqlite->db, text, NULL, NULL, NULL));
}

enum err_code
sqlite_say(struct sqlite *sqlite, enum sql_query name)
{
	return run(sqlite, sql_sqlite_queries[name]);
}

/* What `stmt` is to the functions of the table. */
struct statement {
	sqlite3_stmt *sqlite;
	int parameters;
	int next;            /* the parameter behind the one that was bound last, from 0 */
	const char *names[]; /* of the parameters; they follow. SQLite's own go when it prepares anew */
};

static sqlite3_stmt *
stmt_of(void *stmt)
{
	return ((struct statement *)stmt)->sqlite;
}

static enum err_code
prepare_sqlite(struct sqlite *sqlite, const char *text, sqlite3_stmt **ret_stmt)
{
	return sqlite_error(
	    sqlite3_prepare_v3(sqlite->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL));
}

/* NULL when memory is short. */
static struct statement *
statement_new(sqlite3_stmt *sqlite)
{
	int parameters = sqlite3_bind_parameter_count(sqlite);
	size_t size = sizeof(struct statement) + (size_t)parameters * sizeof(char *);
	size_t whole = size;
	for (int i = 1; i <= parameters; i++)
		whole += strlen(sqlite3_bind_parameter_name(sqlite, i)) + 1;
	struct statement *stmt = calloc(1, whole);
	if (stmt == NULL)
		return NULL;
	stmt->sqlite = sqlite;
	stmt->parameters = parameters;
	char *at = (char *)stmt + size;
	for (int i = 0; i < parameters; i++) {
		const char *name = sqlite3_bind_parameter_name(sqlite, i + 1);
		stmt->names[i] = memcpy(at, name, strlen(name) + 1);
		at += strlen(name) + 1;
	}
	return stmt;
}

static enum err_code
prepare(void *db, const char *text, void **ret_stmt)
{
	sqlite3_stmt *sqlite = NULL;
	enum err_code err = prepare_sqlite(db, text, &sqlite);
	if (err != ERR_OK)
		return err;
	struct statement *stmt = statement_new(sqlite);
	if (stmt == NULL) {
		sqlite3_finalize(sqlite);
		return ERR_NO_MEMORY;
	}
	*ret_stmt = stmt;
	return ERR_OK;
}

static void
finalize(void *stmt)
{
	if (stmt != NULL)
		sqlite3_finalize(stmt_of(stmt));
	free(stmt);
}

static bool
writes(void *stmt)
{
	return !sqlite3_stmt_readonly(stmt_of(stmt));
}

static int
parameters(void *stmt)
{
	return ((struct statement *)stmt)->parameters;
}

/* Returns SQLite's number of the parameter; 0 = there is none. They are bound in the order of the text, more
 * or less: it is looked for behind the last one, as SQLite's own search compares all that stand before it. */
static int
number_of(struct statement *stmt, const char *name)
{
	for (int tries = 0; tries < stmt->parameters; tries++) {
		int at = stmt->next++;
		if (stmt->next == stmt->parameters)
			stmt->next = 0;
		if (strcmp(stmt->names[at], name) == 0)
			return at + 1;
	}
	return 0;
}

static enum err_code
bind_int(void *stmt, const char *name, int64_t value)
{
	int index = number_of(stmt, name);
	return index == 0 ? ERR_INTERNAL : sqlite_error(sqlite3_bind_int64(stmt_of(stmt), index, value));
}

static enum err_code
bind_text(void *stmt, const char *name, const char *value)
{
	int index = number_of(stmt, name);
	if (index == 0)
		return ERR_INTERNAL;
	return value != NULL ? sqlite_error(sqlite3_bind_text(stmt_of(stmt), index, value, -1, SQLITE_STATIC))
	                     : ERR_OK;
}

static enum err_code
bind_blob(void *stmt, const char *name, const void *value, size_t size)
{
	int index = number_of(stmt, name);
	if (index == 0)
		return ERR_INTERNAL;
	return sqlite_error(sqlite3_bind_blob64(stmt_of(stmt), index, value, size, SQLITE_STATIC));
}

static enum err_code
step(void *stmt, bool *ret_row)
{
	int code = sqlite3_step(stmt_of(stmt));
	*ret_row = code == SQLITE_ROW;
	return sqlite_failure(sqlite3_db_handle(stmt_of(stmt)), code);
}

static bool
column_null(void *stmt, int column)
{
	return sqlite3_column_type(stmt_of(stmt), column) == SQLITE_NULL;
}

static int64_t
column_int(void *stmt, int column)
{
	return sqlite3_column_int64(stmt_of(stmt), column);
}

/* Reads the column's value without protection, as no other thread has the connection: see configure() in
 * sqlite_open.c. */
static bool
column_text(void *stmt, int column, const char **ret_text, size_t *ret_size)
{
	sqlite3_value *value = sqlite3_column_value(stmt_of(stmt), column);
	const char *text = NULL;
	size_t size = 0;
	if (sqlite3_value_type(value) != SQLITE_NULL) {
		text = (const char *)sqlite3_value_text(value);
		if (text == NULL)
			return false;
		size = (size_t)sqlite3_value_bytes(value);
	}
	*ret_text = text;
	*ret_size = size;
	return true;
}

static bool
column_blob(void *stmt, int column, const void **ret_bytes, size_t *ret_size)
{
	const void *bytes = sqlite3_column_blob(stmt_of(stmt), column);
	/* Of no bytes SQLite says NULL, too. */
	if (bytes == NULL && sqlite3_column_type(stmt_of(stmt), column) != SQLITE_NULL &&
	    sqlite3_column_bytes(stmt_of(stmt), column) > 0)
		return false;
	*ret_bytes = bytes;
	*ret_size = (size_t)sqlite3_column_bytes(stmt_of(stmt), column);
	return true;
}

static void
reset(void *stmt)
{
	sqlite3_reset(stmt_of(stmt));
	sqlite3_clear_bindings(stmt_of(stmt));
}

static int64_t
changes(void *db)
{
	struct sqlite *sqlite = db;
	return sqlite3_changes(sqlite->db);
}

static int64_t
inserted(void *db)
{
	struct sqlite *sqlite = db;
	return sqlite3_last_insert_rowid(sqlite->db);
}

/* ---- transactions ---- */

static enum err_code
control(struct sqlite *sqlite, enum sqlite_control which)
{
	static const enum sql_query names[] = {[SQLITE_CONTROL_SNAPSHOT] = SQL_DATABASE_SNAPSHOT,
	                                       [SQLITE_CONTROL_BEGIN] = SQL_DATABASE_BEGIN,
	                                       [SQLITE_CONTROL_COMMIT] = SQL_DATABASE_COMMIT};
	sqlite3_stmt **stmt = &sqlite->control[which];
	if (*stmt == NULL) {
		enum err_code err = prepare_sqlite(sqlite, sql_sqlite_queries[names[which]], stmt);
		if (err != ERR_OK)
			return err;
	}
	int code = sqlite3_step(*stmt);
	sqlite3_reset(*stmt);
	return sqlite_failure(sqlite->db, code);
}

/* SQLite takes this setting only between transactions. A durable commit syncs the relaxed ones before it. */
static enum err_code
set_durability(struct sqlite *sqlite, enum engine_transaction kind)
{
	if (kind == sqlite->durability)
		return ERR_OK;
	enum err_code err =
	    sqlite_say(sqlite, kind == ENGINE_DURABLE ? SQL_SQLITE_DURABLE : SQL_SQLITE_RELAXED);
	if (err == ERR_OK)
		sqlite->durability = kind;
	return err;
}

static enum err_code
begin(void *db, enum engine_transaction kind)
{
	if (kind == ENGINE_SNAPSHOT)
		return control(db, SQLITE_CONTROL_SNAPSHOT);
	enum err_code err = set_durability(db, kind);
	return err == ERR_OK ? control(db, SQLITE_CONTROL_BEGIN) : err;
}

static bool
in_transaction(void *db)
{
	struct sqlite *sqlite = db;
	return !sqlite3_get_autocommit(sqlite->db);
}

static enum err_code
commit(void *db, bool tell)
{
	struct sqlite *sqlite = db;
	enum err_code err = control(sqlite, SQLITE_CONTROL_COMMIT);
	if (err == ERR_OK && tell)
		bell_ring(sqlite->bell);
	return err;
}

static void
rollback(void *db)
{
	if (in_transaction(db))
		sqlite_say(db, SQL_DATABASE_ROLLBACK);
}

const struct engine engine_sqlite = {
    .queries = sql_sqlite_queries,
    .migrations = sql_sqlite_migrations,
    .open = sqlite_open,
    .create = sqlite_create,
    .close = sqlite_close,
    .message = message,
    .version = sqlite_version,
    .set_version = sqlite_set_version,
    .prepare_database = sqlite_prepare_database,
    .ready = sqlite_ready,
    .run = run,
    .prepare = prepare,
    .finalize = finalize,
    .writes = writes,
    .parameters = parameters,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .step = step,
    .column_null = column_null,
    .column_int = column_int,
    .column_text = column_text,
    .column_blob = column_blob,
    .reset = reset,
    .changes = changes,
    .inserted = inserted,
    .begin = begin,
    .commit = commit,
    .owed = sqlite_owed,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .listen = sqlite_listen,
    .listen_fd = sqlite_listen_fd,
    .drain = sqlite_drain,
    .unlisten = sqlite_unlisten,
    .backup = sqlite_backup,
};
