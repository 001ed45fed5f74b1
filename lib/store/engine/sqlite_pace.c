/* Limits the length of the log. The log begins anew when all of it is in the database and no reader needs it;
 * while a reader takes long (a backup, a check, a shell that an operator has forgotten), it grows by all that
 * is written. So a writer waits a little after its commit where the log is longer than it should be, and the
 * longer the longer it is: its growth ends, no writer is refused, and no reader has to begin again. */
#include <unistd.h>

#include "store/engine/sqlite.h"

enum {
	CHECKPOINT_FRAMES = 1000, /* as SQLite does by itself without a hook */
	LEVELS = 8,               /* doublings of the wait until the log is twice as long as it should be */
	WAIT_LEAST_MS = 8,
	DOUBLINGS = 7 /* WAIT_LEAST_MS of them are about a second, the most that is waited */
};

int64_t
sqlite_pace(int64_t bytes, int64_t soft)
{
	if (bytes <= soft)
		return 0;
	int64_t level = (bytes - soft) * LEVELS / soft;
	return (int64_t)WAIT_LEAST_MS << (level < DOUBLINGS ? level : DOUBLINGS);
}

/* SQLite's hook after a commit, without a lock: `frames` are in the log. */
static int
on_commit(void *cookie, sqlite3 *db, const char *name, int frames)
{
	const struct sqlite *sqlite = cookie;
	int64_t wait = sqlite_pace((int64_t)frames * SQLITE_PAGE, sqlite->log_soft);
	int all = 0, done = 0;
	if (frames < CHECKPOINT_FRAMES && wait == 0)
		return SQLITE_OK;
	/* Where another does the same, its result is not known. */
	int code = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, &all, &done);
	if (wait > 0 && (code != SQLITE_OK || done < all))
		usleep((useconds_t)wait * 1000);
	return SQLITE_OK;
}

void
sqlite_pace_commits(struct sqlite *sqlite)
{
	sqlite3_wal_hook(sqlite->db, on_commit, sqlite);
}
