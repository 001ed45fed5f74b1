/* The store: all that longreel keeps, in domain words. Nothing above this folder sees SQL or knows the
 * database: the verbs are written over engine/engine.h, which SQLite implements.
 *
 * - A store belongs to one thread at a time. Open one for each thread, never carry one over fork().
 * - Strings that are handed out live in the caller's arena. Times are ms since the epoch, by clock_wall_ms()
 * of the caller.
 * - Reads may be called at any time. Call verbs that write between store_begin() and store_commit().
 * - Errors of each verb, beside those that it names: ERR_BUSY (another writer takes too long), ERR_NO_SPACE,
 * ERR_NO_MEMORY, ERR_CORRUPT, ERR_INTERNAL. After such an error inside a transaction call store_rollback();
 * nothing of it is kept: store_commit() would only roll back and return the error again.
 * - ERR_NOT_FOUND, ERR_CONFLICT, ERR_USERNAME_TAKEN and ERR_RATE_LIMITED are answers, not failures: nothing
 * was written, and the transaction goes on. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"

struct store;

enum store_mode {
	STORE_READ, /* this program only reads; a write through it fails */
	STORE_WRITE,
	STORE_WRITE_NOWAIT, /* as STORE_WRITE, but ERR_BUSY at once where that one waits, in store_begin() too
	                     */
	STORE_WRITE_LOOP,   /* as STORE_WRITE, for the thread of a loop: its commits do not sleep where the
	                     database   is outrun; see store_owed() */
	STORE_MIGRATE /* may create the database and bring it up to date; serve and check open it so, once */
};

enum store_durability {
	STORE_RELAXED, /* survives a crash of any program, perhaps not a power cut */
	STORE_DURABLE  /* survives a power cut */
};

/* Opens the database in the directory `data`. ERR_NOT_FOUND where there is none (not with STORE_MIGRATE),
 * ERR_SCHEMA_TOO_NEW, ERR_SCHEMA_TOO_OLD (not with STORE_MIGRATE); ERR_NOT_OURS where the file is empty or
 * another program's; with STORE_MIGRATE ERR_DATABASE_MISSING where it is absent, but what belongs to it is
 * there. */
enum err_code store_open(const char *data, enum store_mode mode, struct store **ret_store);

/* Closes; rolls an open transaction back. NULL is fine. */
void store_close(struct store *store);

/* Starts a write transaction, waiting for other writers for at most 10 s (then ERR_BUSY). */
enum err_code store_begin(struct store *store, enum store_durability durability);

/* Commits and, where a task was added or moved, or a channel's health has changed, rings the bell.
 * ERR_UNCERTAIN where it cannot be known whether the commit happened. After any error the transaction is
 * over. */
enum err_code store_commit(struct store *store);

/* Returns the ms, at most some 10 s, that the commits of a STORE_WRITE_LOOP should have waited since the last
 * call: begin nothing new for so long. 0 for other stores. */
int64_t store_owed(struct store *store);

/* Ends the transaction: commits it where `err` is ERR_OK, else rolls it back. Returns `err`, or the result of
 * the commit. Nothing happens where none is open, as after a store_begin() that has failed with `err`. */
enum err_code store_end(struct store *store, enum err_code err);

/* Ends the transaction without a trace; nothing happens where none is open. */
void store_rollback(struct store *store);

/* Starts a snapshot: all reads see the database as it is at the first of them, and take its lock once, not
 * one by one. It lasts until store_snapshot_end() or store_begin(). Not inside a transaction. */
enum err_code store_snapshot(struct store *store);

/* Ends the snapshot; nothing happens where there is none. */
void store_snapshot_end(struct store *store);

#endif
