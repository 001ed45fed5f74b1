/* Looking after the file: checking it, and copying it while others work. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/ids.h"
#include "store/sqlite/db.h"
#include "store/sqlite/migrate.h"

/* The first fault in the structure of the file, or NULL. */
static enum err_code
check_pages(struct store *store, struct arena *arena, const char **ret_fault)
{
	struct query query;
	const char *said = NULL;
	db_query(store, SQL_CHECK_PAGES, &query);
	if (db_step(&query))
		said = db_column(&query, arena, 0);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_fault = said != NULL && sqlite3_stricmp(said, "ok") == 0 ? NULL : said;
	return err;
}

/* The first row that refers to nothing, in words, or NULL. */
static enum err_code
check_references(struct store *store, struct arena *arena, const char **ret_fault)
{
	struct query query;
	const char *said = NULL;
	db_query(store, SQL_CHECK_REFERENCES, &query);
	if (db_step(&query))
		said = arena_printf(arena, "a row of %s refers to a row of %s that is not there",
		                    (const char *)sqlite3_column_text(query.stmt, 0),
		                    (const char *)sqlite3_column_text(query.stmt, 2));
	enum err_code err = db_end(&query);
	if (err == ERR_OK && arena_failed(arena))
		err = db_fail(store, ERR_NO_MEMORY);
	if (err == ERR_OK)
		*ret_fault = said;
	return err;
}

enum err_code
store_check(struct store *store, struct arena *arena, const char **ret_why)
{
	const char *fault = NULL;
	enum err_code err = check_pages(store, arena, &fault);
	if (err == ERR_OK && fault == NULL)
		err = check_references(store, arena, &fault);
	/* Damage may keep the check itself from running. */
	if (err == ERR_CORRUPT)
		fault = arena_strdup(arena, sqlite3_errmsg(store->db));
	if (fault == NULL)
		return err;
	*ret_why = fault;
	return ERR_CORRUPT;
}

/* Copies all pages in one go, which is one snapshot of the source: writers neither wait nor disturb it. */
static enum err_code
copy_pages(struct store *from, struct store *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (backup == NULL)
		return db_error(sqlite3_extended_errcode(to->db));
	int code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	return code == SQLITE_DONE ? ERR_OK : db_error(code);
}

/* Makes the copy another database, in a single file. */
static enum err_code
finish_copy(struct store *copy)
{
	enum err_code err = db_exec(copy, "PRAGMA journal_mode = DELETE");
	if (err == ERR_OK)
		err = store_begin(copy, STORE_DURABLE);
	if (err == ERR_OK)
		err = migrate_draw_epoch(copy);
	return err == ERR_OK ? store_commit(copy) : err;
}

static enum err_code
write_copy(struct store *store, const char *temporary)
{
	struct store *copy = NULL;
	enum err_code err = db_open(temporary, STORE_WRITE, &copy);
	if (err == ERR_OK)
		err = copy_pages(store, copy);
	if (err == ERR_OK)
		err = finish_copy(copy);
	store_close(copy);
	return err;
}

enum err_code
store_backup(struct store *store, const char *path)
{
	char id[IDS_SHORT_SIZE], temporary[PATH_MAX];
	if (store->open)
		return ERR_INTERNAL;
	if (access(path, F_OK) == 0)
		return ERR_CONFLICT;
	ids_short(id);
	if (snprintf(temporary, sizeof(temporary), "%s.%s", path, id) >= (int)sizeof(temporary))
		return ERR_INTERNAL;
	int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
	enum err_code err = write_copy(store, temporary);
	if (err == ERR_OK)
		err = file_settle(fd, temporary, path);
	close(fd);
	if (err != ERR_OK)
		unlink(temporary);
	return err;
}
