/* Copies the file while others work. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ids.h"
#include "store/engine/sqlite.h"

/* Copies all pages in one go, which is one snapshot of the source: step by step it would begin anew with each
 * commit of others. What they write meanwhile waits in the log, whose length sqlite_pace.c sees to. */
static enum err_code
copy_pages(struct sqlite *from, struct sqlite *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (backup == NULL)
		return sqlite_failure(to->db, sqlite3_extended_errcode(to->db));
	int code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	return sqlite_failure(to->db, code);
}

static enum err_code
set_epoch(struct sqlite *copy, const char *epoch)
{
	const struct engine *engine = &engine_sqlite;
	void *stmt = NULL;
	bool row;
	enum err_code err = engine->prepare(copy, engine->queries[SQL_DATABASE_SET_EPOCH], &stmt);
	if (err == ERR_OK)
		err = engine->bind_text(stmt, ":epoch", epoch);
	if (err == ERR_OK)
		err = engine->step(stmt, &row);
	engine->finalize(stmt);
	return err;
}

/* Makes the copy another database, in a single file. */
static enum err_code
finish_copy(struct sqlite *copy, const char *epoch)
{
	enum err_code err = sqlite_say(copy, SQL_SQLITE_NO_LOG);
	if (err == ERR_OK)
		err = engine_sqlite.begin(copy, ENGINE_DURABLE);
	if (err == ERR_OK)
		err = set_epoch(copy, epoch);
	return err == ERR_OK ? engine_sqlite.commit(copy, false) : err;
}

static enum err_code
write_copy(struct sqlite *sqlite, const char *temporary, const char *epoch)
{
	const struct engine_access access = {.writes = true, .patient = true};
	struct sqlite *copy = NULL;
	enum err_code err = sqlite_open_file(temporary, sqlite->data, &access, &copy);
	if (err != ERR_OK)
		return err;
	/* The snapshot is held for no sync; the file is synced when it is whole. */
	err = sqlite_say(copy, SQL_SQLITE_SETTINGS_NEW);
	if (err == ERR_OK)
		err = copy_pages(sqlite, copy);
	if (err == ERR_OK)
		err = finish_copy(copy, epoch);
	sqlite_close(copy);
	return err;
}

enum err_code
sqlite_backup(void *db, const char *path, const char *epoch)
{
	char id[IDS_SHORT_SIZE], temporary[PATH_MAX];
	if (access(path, F_OK) == 0)
		return ERR_CONFLICT;
	ids_short(id);
	if (snprintf(temporary, sizeof(temporary), "%s.%s", path, id) >= (int)sizeof(temporary))
		return ERR_INTERNAL;
	int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_error();
	enum err_code err = write_copy(db, temporary, epoch);
	if (err == ERR_OK)
		err = file_commit(fd, temporary, path);
	close(fd);
	if (err != ERR_OK)
		unlink(temporary);
	return err;
}
