/* Limits the length of the log. The log begins anew when all of it is in the database and no reader needs it.
 *
 * Where short reads follow each other without a pause, there is always one that needs it: one that began
 * before the latest commit. So a writer whose log is longer than it should be holds back other writers for a
 * moment: reads that begin meanwhile need nothing but the database, and those before end soon.
 *
 * While a reader takes long (a backup, a check, a shell that an operator has forgotten), the log grows by all
 * that is written. So the writer then waits a little, without holding others back, and the longer the longer
 * the log is: its growth ends, no writer is refused, and no reader has to begin again. */
#include <unistd.h>

#include "base/clock.h"
#include "store/engine/sqlite.h"

enum {
	CHECKPOINT_FRAMES = 1000, /* as SQLite does by itself without a hook */
	LEVELS = 8,               /* doublings of the wait until the log is twice as long as it should be */
	WAIT_LEAST_MS = 8,
	RESTART_MS = 100,       /* to wait for reads to end: our own take some 10, on a busy machine more */
	RESTART_AGAIN_MS = 200, /* after it was in vain: others wait for a third of the time at most */
	DOUBLINGS = 7           /* WAIT_LEAST_MS of them are about a second, the most that is waited */
};

int64_t
sqlite_pace(int64_t bytes, int64_t soft)
{
	if (bytes <= soft)
		return 0;
	int64_t level = (bytes - soft) * LEVELS / soft;
	return (int64_t)WAIT_LEAST_MS << (level < DOUBLINGS ? level : DOUBLINGS);
}

/* Writes all of the log into the database and waits for the readers that need it, at most RESTART_MS. True
 * where the next commit begins it anew. */
static bool
restart_log(struct sqlite *sqlite, const char *name)
{
	int64_t most = sqlite->busy_most;
	sqlite->busy_most = RESTART_MS;
	int code = sqlite3_wal_checkpoint_v2(sqlite->db, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite->busy_most = most;
	if (code != SQLITE_OK)
		sqlite->restart_at = clock_mono_ms() + RESTART_AGAIN_MS;
	return code == SQLITE_OK;
}

/* SQLite's hook after a commit, without a lock: `frames` are in the log. */
static int
on_commit(void *cookie, sqlite3 *db, const char *name, int frames)
{
	struct sqlite *sqlite = cookie;
	int64_t wait = sqlite_pace((int64_t)frames * SQLITE_PAGE, sqlite->log_soft);
	if (wait > 0 && clock_mono_ms() >= sqlite->restart_at && restart_log(sqlite, name))
		return SQLITE_OK;
	if (wait > 0 || frames >= CHECKPOINT_FRAMES)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (wait > 0)
		usleep((useconds_t)wait * 1000);
	return SQLITE_OK;
}

void
sqlite_pace_commits(struct sqlite *sqlite)
{
	sqlite3_wal_hook(sqlite->db, on_commit, sqlite);
}
