/* Copies the file while others work. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ids.h"
#include "store/engine/sqlite.h"

enum { STEP = 1024 /* pages: 4 MB */ };

/* Copies all pages of the snapshot that the source is in: without one it would begin anew with each commit of
 * others. What they write meanwhile waits in the log, whose length sqlite_pace.c sees to. */
static enum err_code
copy_pages(struct sqlite *from, struct sqlite *to, bool (*go_on)(void *cookie), void *cookie)
{
	bool goes_on = true;
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (backup == NULL)
		return sqlite_failure(to->db, sqlite3_extended_errcode(to->db));
	int code = SQLITE_OK;
	while (code == SQLITE_OK && goes_on) {
		code = sqlite3_backup_step(backup, STEP);
		goes_on = go_on == NULL || go_on(cookie);
	}
	sqlite3_backup_finish(backup);
	return code == SQLITE_OK ? ERR_STOPPING : sqlite_failure(to->db, code);
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
write_copy(struct sqlite *sqlite, const char *temporary, const char *epoch, bool (*go_on)(void *cookie),
           void *cookie)
{
	const struct engine_access access = {.writes = true, .patient = true};
	struct sqlite *copy = NULL;
	enum err_code err = sqlite_open_file(temporary, sqlite->data, &access, &copy);
	if (err != ERR_OK)
		return err;
	/* The snapshot is held for no sync; the file is synced when it is whole. */
	err = sqlite_say(copy, SQL_SQLITE_SETTINGS_NEW);
	if (err == ERR_OK)
		err = copy_pages(sqlite, copy, go_on, cookie);
	if (err == ERR_OK)
		err = finish_copy(copy, epoch);
	sqlite_close(copy);
	return err;
}

enum err_code
sqlite_backup(void *db, const char *path, const char *epoch, bool (*go_on)(void *cookie), void *cookie)
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
	enum err_code err = write_copy(db, temporary, epoch, go_on, cookie);
	if (err == ERR_OK)
		err = file_commit(fd, temporary, path);
	close(fd);
	if (err != ERR_OK)
		unlink(temporary);
	return err;
}
