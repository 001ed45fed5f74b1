/* How many durable commits a second this disk gives to one writer: a row updated, synced, and again.
 *
 *   commits FILE SECONDS      prints the rate */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	sqlite3 *db;
	sqlite3_stmt *update;
	if (argc != 3 || sqlite3_open(argv[1], &db) != SQLITE_OK ||
	    sqlite3_exec(db,
	                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                 "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER);"
	                 "INSERT OR IGNORE INTO t VALUES (1, 0)",
	                 NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "UPDATE t SET n = n + 1 WHERE id = 1", -1, &update, NULL) != SQLITE_OK)
		return EXIT_FAILURE;
	double begin = now(), end = begin + strtod(argv[2], NULL);
	long count = 0;
	for (; now() < end; count++) {
		if (sqlite3_step(update) != SQLITE_DONE)
			return EXIT_FAILURE;
		sqlite3_reset(update);
	}
	printf("%.0f\n", (double)count / (now() - begin));
	sqlite3_finalize(update);
	sqlite3_close(db);
	return EXIT_SUCCESS;
}
