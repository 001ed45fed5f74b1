/* The first opening after a start of the machine. A power cut may take back the latest commits that were not
 * synced, and with them revisions that clients hold in their cursors already; given out a second time, they
 * would hide changes from those clients. So the revisions go on from far ahead. */
#include "store/sqlite/boot.h"

#include "base/buf.h"
#include "base/file.h"
#include "store/sqlite/db.h"

enum { SKIPPED = 1 << 20 /* revisions: more than any machine makes between two syncs */, ID_MAX = 64 };

static const char boot_id[] = "/proc/sys/kernel/random/boot_id"; /* random(4): drawn at each start */

static enum err_code
write_boot(struct store *store, const char *boot)
{
	struct query query;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err != ERR_OK)
		return err;
	db_query(store, SQL_HEAD_BOOTED, &query);
	db_text(&query, ":boot", boot);
	db_int(&query, ":skipped", SKIPPED);
	err = db_run(&query);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	return err;
}

enum err_code
boot_note(struct store *store)
{
	struct query query;
	struct buf boot;
	buf_init(&boot, ID_MAX);
	/* On a system that does not tell, there is nothing to go by. */
	if (file_read(boot_id, &boot) != ERR_OK) {
		buf_free(&boot);
		return ERR_OK;
	}
	db_query(store, SQL_HEAD_IS_BOOT, &query);
	db_text(&query, ":boot", buf_str(&boot));
	bool same = db_step(&query);
	enum err_code err = db_end(&query);
	if (err == ERR_OK && !same)
		err = write_boot(store, buf_str(&boot));
	buf_free(&boot);
	return err;
}
