/* Limits the length of the log. The log begins anew when all of it is in the database and no reader needs it.
 *
 * Where short reads follow each other without a pause, there is always one that needs it: one that began
 * before the latest commit. So a writer whose log is longer than it should be holds back other writers for a
 * moment: reads that begin meanwhile need nothing but the database, and those before end soon.
 *
 * While a reader takes long (a backup, a check, a shell that an operator has forgotten), the log grows by all
 * that is written. So the writer then waits a little, without holding others back, and the longer the longer
 * the log is: its growth ends, no writer is refused, and no reader has to begin again. The thread of a loop
 * does not sleep itself: it is told how long to begin nothing new. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/engine/sqlite.h"

enum {
	CHECKPOINT_FRAMES = 1000, /* as SQLite does by itself without a hook */
	LEVELS = 8,               /* doublings of the wait until the log is twice as long as it should be */
	WAIT_LEAST_MS = 8,
	RESTART_MS = 100,       /* to wait for reads to end: our own take some 10, on a busy machine more */
	RESTART_AGAIN_MS = 200, /* until the next try: others wait for a third of the time at most */
	OWED_MOST_MS = 10000,   /* a reader may have ended long before */
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

/* ---- beginning it anew ---- */

/* Writes all of the log into the database and waits for the readers that need it. True where the next commit
 * begins it anew. */
static bool
restart_log(sqlite3 *db)
{
	return sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL) == SQLITE_OK;
}

/* Sets the time of the next try. */
static bool
set_next(const struct sqlite *sqlite, int64_t at)
{
	const struct timespec times[] = {{at / 1000, at % 1000 * 1000000}, {0, UTIME_OMIT}};
	return futimens(sqlite->bell, times) == 0;
}

/* Whether it is time to try: while others are held back no more than one tries in the whole database, and
 * then none for a while unless it was done, however many write. The access time of the bell's file, which no
 * one reads, says when (by CLOCK_MONOTONIC, which all processes share): it is set before the try, and costs
 * no listener a wake. */
static bool
claim_restart(const struct sqlite *sqlite)
{
	struct stat st;
	int64_t now = clock_mono_ms(), next = now + RESTART_MS + RESTART_AGAIN_MS;
	if (sqlite->bell < 0 || fstat(sqlite->bell, &st) != 0)
		return false;
	int64_t at = (int64_t)st.st_atim.tv_sec * 1000 + st.st_atim.tv_nsec / 1000000;
	if (now < at && at <= next) /* one that lies further ahead is of before a start of the machine */
		return false;
	return set_next(sqlite, next);
}

static bool
restart_here(struct sqlite *sqlite)
{
	int64_t most = sqlite->busy_most;
	sqlite->busy_most = RESTART_MS;
	bool done = restart_log(sqlite->db);
	sqlite->busy_most = most;
	if (done)
		set_next(sqlite, clock_mono_ms());
	return done;
}

static void *
restart_aside(void *cookie)
{
	struct sqlite *sqlite = cookie;
	sqlite3 *db = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(sqlite->file, &db, flags, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, RESTART_MS);
		if (restart_log(db))
			set_next(sqlite, clock_mono_ms());
	}
	sqlite3_close(db);
	atomic_store(&sqlite->restarting, false);
	return NULL;
}

/* Has a thread of its own do it. */
static void
start_aside(struct sqlite *sqlite)
{
	sqlite_pace_end(sqlite);
	sqlite->file = sqlite3_db_filename(sqlite->db, "main");
	atomic_store(&sqlite->restarting, true);
	sqlite->restarted = pthread_create(&sqlite->restarter, NULL, restart_aside, sqlite) == 0;
	if (!sqlite->restarted)
		atomic_store(&sqlite->restarting, false);
}

void
sqlite_pace_end(struct sqlite *sqlite)
{
	if (sqlite->restarted)
		pthread_join(sqlite->restarter, NULL);
	sqlite->restarted = false;
}

/* ---- the commits ---- */

/* SQLite's hook after a commit, without a lock: `frames` are in the log. */
static int
on_commit(void *cookie, sqlite3 *db, const char *name, int frames)
{
	struct sqlite *sqlite = cookie;
	bool defers = sqlite->access.defers;
	int64_t wait = sqlite_pace((int64_t)frames * SQLITE_PAGE, sqlite->log_soft);
	bool may = sqlite->access.patient && !atomic_load(&sqlite->restarting);
	bool restarts = wait > 0 && may && claim_restart(sqlite);
	if (restarts && defers)
		start_aside(sqlite);
	else if (restarts && restart_here(sqlite))
		return SQLITE_OK;
	if (wait > 0 || frames >= CHECKPOINT_FRAMES)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (wait > 0 && !defers)
		usleep((useconds_t)wait * 1000);
	/* Where the log has begun anew, nothing is owed. */
	sqlite->owed = wait == 0                            ? 0
	               : sqlite->owed + wait < OWED_MOST_MS ? sqlite->owed + wait
	                                                    : OWED_MOST_MS;
	return SQLITE_OK;
}

int64_t
sqlite_owed(void *db)
{
	struct sqlite *sqlite = db;
	int64_t owed = sqlite->access.defers ? sqlite->owed : 0;
	sqlite->owed = 0;
	return owed;
}

void
sqlite_pace_commits(struct sqlite *sqlite)
{
	sqlite3_wal_hook(sqlite->db, on_commit, sqlite);
}
