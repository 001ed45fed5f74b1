/* The first opening after a start of the machine. A power cut may take back the latest commits that were not
 * synced, and with them revisions that clients hold in their cursors already; given out a second time, they
 * would hide changes from those clients. So the revisions go on from far ahead. */
#include "base/buf.h"
#include "base/file.h"
#include "store/engine/sqlite.h"

enum { SKIPPED = 1 << 20 /* revisions: more than any machine makes between two syncs */, ID_MAX = 64 };

static const char boot_id[] = "/proc/sys/kernel/random/boot_id"; /* random(4): drawn at each start */

/* Runs a statement about the start `boot`; *ret_row: it has a row. */
static enum err_code
run_for_boot(struct sqlite *sqlite, enum sql_query name, const char *boot, bool *ret_row)
{
	const struct engine *engine = &engine_sqlite;
	void *stmt = NULL;
	enum err_code err = engine->prepare(sqlite, engine->queries[name], &stmt);
	if (err == ERR_OK)
		err = engine->bind_text(stmt, ":boot", boot);
	if (err == ERR_OK && name == SQL_SQLITE_BOOTED)
		err = engine->bind_int(stmt, ":skipped", SKIPPED);
	if (err == ERR_OK)
		err = engine->step(stmt, ret_row);
	engine->finalize(stmt);
	return err;
}

static enum err_code
write_boot(struct sqlite *sqlite, const char *boot)
{
	bool row;
	enum err_code err = engine_sqlite.begin(sqlite, ENGINE_DURABLE);
	if (err != ERR_OK)
		return err;
	err = run_for_boot(sqlite, SQL_SQLITE_BOOTED, boot, &row);
	if (err == ERR_OK)
		err = engine_sqlite.commit(sqlite, false);
	engine_sqlite.rollback(sqlite);
	return err;
}

enum err_code
sqlite_boot_note(struct sqlite *sqlite)
{
	struct buf boot;
	bool same = false;
	buf_init(&boot, ID_MAX);
	/* Without a boot id a start cannot be told from another. */
	if (file_read(boot_id, &boot) != ERR_OK) {
		buf_free(&boot);
		return ERR_OK;
	}
	enum err_code err = run_for_boot(sqlite, SQL_SQLITE_IS_BOOT, buf_str(&boot), &same);
	if (err == ERR_OK && !same)
		err = write_boot(sqlite, buf_str(&boot));
	buf_free(&boot);
	return err;
}
