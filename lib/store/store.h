/* The store: what longreel knows, in domain words. Nothing above this header sees SQL, and nothing above it
 * knows which database answers: the verbs are written over engine/engine.h, which SQLite implements.
 *
 * - A store belongs to one thread at a time. Open one for each thread, never carry one over fork().
 * - Strings that are handed out live in the caller's arena. Times are ms since the epoch, by clock_wall_ms()
 * of the caller.
 * - Reads may be called at any time. Verbs that write must stand between store_begin() and store_commit().
 * - Errors, wherever nothing else is said: ERR_BUSY (somebody else writes for too long), ERR_NO_SPACE,
 * ERR_NO_MEMORY, ERR_CORRUPT, ERR_INTERNAL. After such an error inside a transaction call store_rollback();
 * nothing of it is kept: store_commit() would only roll back and return the error again.
 * - ERR_NOT_FOUND, ERR_CONFLICT, ERR_USERNAME_TAKEN and ERR_RATE_LIMITED are answers, not failures: nothing
 * was written, and the transaction goes on. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/archived.h"
#include "model/channel_health.h"
#include "model/task.h"
#include "model/key.h"
#include "model/user.h"

struct arena;
struct store;

enum store_mode {
	STORE_READ, /* this program only reads; a write through it fails */
	STORE_WRITE,
	STORE_HASTY,  /* as STORE_WRITE, but ERR_BUSY at once where that one waits, in store_begin() too */
	STORE_MIGRATE /* may create the database and bring it up to date; serve and check open it so, once */
};

enum store_durability {
	STORE_RELAXED, /* survives a crash of any program, perhaps not a power cut */
	STORE_DURABLE  /* survives a power cut */
};

/* ---- life ---- */

/* Opens the database in the directory `data`. ERR_NOT_FOUND where there is none (not with STORE_MIGRATE),
 * ERR_SCHEMA_TOO_NEW, ERR_SCHEMA_TOO_OLD (not with STORE_MIGRATE); ERR_NOT_OURS where the file is empty or
 * another program's; with STORE_MIGRATE ERR_DATABASE_MISSING where it is absent, but what belongs to it is
 * there. */
enum err_code store_open(const char *data, enum store_mode mode, struct store **ret_store);

/* Closes; rolls an open transaction back. NULL is fine. */
void store_close(struct store *store);

/* Starts a write transaction, waiting for other writers for at most 10 s (then ERR_BUSY). */
enum err_code store_begin(struct store *store, enum store_durability durability);

/* Commits and, where a task was added or moved, rings the bell. ERR_UNCERTAIN where it cannot be known
 * whether the commit happened. After any error the transaction is over. */
enum err_code store_commit(struct store *store);

/* Ends the transaction without a trace; nothing happens where none is open. */
void store_rollback(struct store *store);

/* From now on all reads see the database as it is at the first of them, and take its lock once and not each
 * for itself; until store_snapshot_end() or store_begin(). Not inside a transaction. */
enum err_code store_snapshot(struct store *store);

/* Ends it; nothing happens where there is none. */
void store_snapshot_end(struct store *store);

/* A number that differs from its last value when any other connection has committed since. */
enum err_code store_data_version(struct store *store, int64_t *ret_version);

/* Checks the whole file (SQLite: integrity_check and foreign_key_check). ERR_CORRUPT with a sentence in
 * `ret_why`, which lives in `arena`. */
enum err_code store_check(struct store *store, struct arena *arena, const char **ret_why);

/* Writes a consistent copy to the new file `path` while others work, with an epoch of its own, so that
 * cursors given out after the copy was made are known to be of another database. ERR_CONFLICT where `path`
 * exists. Not inside a transaction. */
enum err_code store_backup(struct store *store, const char *path);

/* ---- users and tokens ---- */

/* Adds a user (id is ignored) and writes its id. ERR_USERNAME_TAKEN; names differ by more than ASCII case,
 * and by their shapes. */
enum err_code store_user_add(struct store *store, const struct user *user, int64_t *ret_id);

/* The user of that name, with its password hash. ERR_NOT_FOUND. */
enum err_code
store_user_by_name(struct store *store, struct arena *arena, const char *username, struct user *ret_user);

/* The user that the unexpired token with this hash belongs to, unless disabled; without password hash.
 * ERR_NOT_FOUND. */
enum err_code store_user_by_token(struct store *store, struct arena *arena,
                                  const uint8_t hash[CRYPTO_HASH_SIZE], int64_t now, struct user *ret_user);

/* Whether there is such a user, and is let in. */
enum err_code store_user_enabled(struct store *store, int64_t user_id, bool *ret_enabled);

/* All users by name, without password hashes; `ret_users` is an array in the arena. */
enum err_code
store_user_list(struct store *store, struct arena *arena, struct user **ret_users, size_t *ret_count);

/* Replaces the password hash and ends all logins of the user but that of the token with the hash `keep` (NULL
 * = all). ERR_NOT_FOUND. */
enum err_code
store_user_set_password(struct store *store, int64_t user_id, const char *password_hash, const uint8_t *keep);

/* Disables or enables the user; disabling ends all logins. Keys let a disabled user in no more than logins.
 * ERR_NOT_FOUND. */
enum err_code store_user_disable(struct store *store, int64_t user_id, bool disabled);

/* Adds a token by its hash, made from the block of addresses (NULL = not known). ERR_NOT_FOUND where there is
 * no such user. */
enum err_code store_token_add(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t user_id,
                              const char *block, int64_t now, int64_t expires_at);

/* Revokes the token of a login. ERR_NOT_FOUND where there was none. */
enum err_code store_token_revoke(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE]);

/* Adds an API key of the user by its hash (id and last use ignored) and writes its id. ERR_NOT_FOUND where
 * there is no such user. */
enum err_code store_key_add(struct store *store, int64_t user_id, const struct key *key,
                            const uint8_t hash[CRYPTO_HASH_SIZE], int64_t *ret_id);

/* The keys of a user, the newest first; `ret_keys` is an array in the arena. */
enum err_code store_key_list(struct store *store, struct arena *arena, int64_t user_id, struct key **ret_keys,
                             size_t *ret_count);

/* Removes a key of the user (0 = of anybody): it lets nobody in any more, and the endpoints that it has
 * written are disabled. ERR_NOT_FOUND. */
enum err_code store_key_remove(struct store *store, int64_t user_id, int64_t id);

/* Notes when a key was last used. */
enum err_code store_key_used(struct store *store, int64_t id, int64_t now);

/* Disables the endpoints of keys that have expired, and forgets at most `most` expired tokens, rate buckets
 * that are full again, and places that nobody has signed in from for long. */
enum err_code store_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count);

/* ---- rates ---- */

/* Takes one from the bucket `name`, which holds `per_minute` and refills evenly (the generic cell rate
 * algorithm, ITU-T I.371: one timestamp a bucket). ERR_RATE_LIMITED, and nothing taken, with the wait until
 * one is there again (0 with ERR_OK). `per_minute` 0 = no limit. */
enum err_code
store_rate_take(struct store *store, const char *name, int64_t per_minute, int64_t now, int64_t *ret_wait_ms);

/* Gives one back. */
enum err_code store_rate_refund(struct store *store, const char *name, int64_t per_minute);

/* Forgets at most `most` buckets that are full again at `now`, or of a time that can only come from a clock
 * that was set back. */
enum err_code store_rate_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count);

/* ---- channels ---- */

/* The health of a channel; zeroes where nothing is known. */
enum err_code
store_channel_health(struct store *store, const char *channel, struct channel_health *ret_health);

/* Replaces it. */
enum err_code
store_channel_set_health(struct store *store, const char *channel, const struct channel_health *health);

/* ---- the archive ---- */

struct task_claim; /* see below */

/* Takes the lease of the video that fell due last of those that failed least, until claim->until: its task,
 * and how often fetching it has failed. ERR_NOT_FOUND where none is due. */
enum err_code store_archive_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                                  struct task *ret_task, int64_t *ret_tries);

/* When a video falls due next; INT64_MAX where none will. */
enum err_code store_archive_next_due(struct store *store, int64_t *ret_due_at);

/* Notes that the video's file (type, size, kept_at) is there; where the clock was set back, it is kept since
 * just after the newest. ERR_CONFLICT where `owner` holds the lease no
 * longer, or the task was deleted meanwhile. */
enum err_code
store_archive_keep(struct store *store, int64_t id, const char *owner, const struct archived *file);

/* Gives the lease back: it is due again at `due_at`; 0 = it is given up. ERR_CONFLICT as above. */
enum err_code
store_archive_rest(struct store *store, int64_t id, const char *owner, int64_t due_at, bool failed);

/* The file of a task. ERR_NOT_FOUND where none is kept. */
enum err_code
store_archive_get(struct store *store, struct arena *arena, int64_t id, struct archived *ret_file);

/* What has become of the video of a task: state, due_at and tries, too. ERR_NOT_FOUND for one that was never
 * completed, or too long ago. */
enum err_code
store_archive_look(struct store *store, struct arena *arena, int64_t id, struct archived *ret_file);

/* How many files there are, and the bytes of all. */
enum err_code store_archive_total(struct store *store, int64_t *ret_count, int64_t *ret_bytes);

/* The file that has been kept the longest. ERR_NOT_FOUND where there is none. */
enum err_code store_archive_oldest(struct store *store, struct arena *arena, struct archived *ret_file);

/* Notes that the file is not kept any longer; remove it after the commit. */
enum err_code store_archive_drop(struct store *store, int64_t id);

/* The file that came next after `kept_at`, as no two at the same time do. ERR_NOT_FOUND where there is none.
 */
enum err_code
store_archive_after(struct store *store, struct arena *arena, int64_t kept_at, struct archived *ret_file);

/* Notes that the file has got lost: the video is due at `now`. ERR_CONFLICT where it is not kept any longer.
 */
enum err_code store_archive_want(struct store *store, int64_t id, int64_t now);

/* Whether a file under this video id is of use, or may yet be: its task is there and its video not given up.
 * Also its size where it is kept, else -1. */
enum err_code
store_archive_known(struct store *store, const char *video_id, bool *ret_known, int64_t *ret_size);

/* ---- tasks ---- */

/* Adds a task (id, rev, deleted ignored; state READY or SENDING) and writes its id and revision. ERR_CONFLICT
 * where (user, client_request_id) or video_id exists, ERR_NOT_FOUND where there is no such user. */
enum err_code store_task_add(struct store *store, const struct task *task, int64_t *ret_id, int64_t *ret_rev);

/* A task by our id; of any user with user_id 0. ERR_NOT_FOUND, for another user's and a deleted one too. */
enum err_code store_task_get(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                             struct task *ret_task);

/* The same, deleted or not (ret_task->deleted). */
enum err_code store_task_find(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                              struct task *ret_task);

/* A task by the client's own id, deleted or not. ERR_NOT_FOUND. */
enum err_code store_task_by_request(struct store *store, struct arena *arena, int64_t user_id,
                                    const char *client_request_id, struct task *ret_task);

struct task_content {
	int64_t user_id;
	int64_t api_key;            /* with which it was created; 0 = by a login */
	const uint8_t *fingerprint; /* CRYPTO_HASH_SIZE bytes */
	int64_t since;              /* created from then on */
	int64_t least, most;        /* repeated by its client at least so often, and less often than that */
};

/* The user's latest task of that content that was created without an id of the client's own, deleted or not.
 * ERR_NOT_FOUND. */
enum err_code store_task_by_content(struct store *store, struct arena *arena,
                                    const struct task_content *content, struct task *ret_task);

/* Notes how often its client has repeated the request that made it, without a revision. */
enum err_code store_task_repeated(struct store *store, int64_t id, int64_t repeats);

/* Whether a task at the place where `task` was sent, of whichever channel, or an earlier attempt of any task
 * bears this id of its upstream. */
enum err_code
store_external_known(struct store *store, const struct task *task, const char *external_id, bool *ret_known);

struct task_rivals {
	int64_t sending; /* tasks in state SENDING */
	int64_t others;  /* of another user or of another content: UNSURE, or ended since `since` without an
	                    upstream  id, earlier attempts included */
};

/* How many other tasks at the same place, of whichever channel, with the prompt of `task`, may have a job
 * upstream that nobody knows: it looks like this one's. Deleted ones count whatever they were. */
enum err_code store_task_rivals(struct store *store, const struct task *task, int64_t since,
                                struct task_rivals *ret_rivals);

/* The task `id` with its ancestors up to the root and all its remixes below, in order of creation, deleted
 * ones included; at most `limit`. Of a prompt its first 200 characters; options, metadata, image, links and
 * error message are left out. */
enum err_code store_task_lineage(struct store *store, struct arena *arena, int64_t id, int64_t limit,
                                 struct task **ret_tasks, size_t *ret_count);

enum task_order { TASK_BY_CREATED, TASK_BY_UPDATED };

struct task_filter {
	int64_t user_id;         /* 0 = of all users */
	enum task_status status; /* TASK_STATUS__MAX = any */
	const char *model;       /* NULL = any */
	const char *media_type;  /* NULL = any */
	const char *text;        /* NULL = any; else the prompt contains it, ASCII case aside */
};

struct task_page {
	enum task_order order;
	bool ascending;
	int64_t limit;  /* tasks */
	int64_t offset; /* tasks passed over, counted from `after`; costs as much as they are many */
	int64_t
	    after; /* the last task seen: its id (BY_CREATED) or its rev (BY_UPDATED); 0 = from the start */
};

/* The tasks that match, one page of them; an array in the arena. By creation is by id and by update is by
 * rev, so that a clock that was set back neither hides a task nor shows it twice. */
enum err_code store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                              const struct task_page *page, struct task **ret_tasks, size_t *ret_count);

/* How many match. Without text the answer is kept ready and costs the same for any number. */
enum err_code store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count);

/* ---- driving a task ---- */

/* A transition, as a comparison and a write in one. What is NULL (or -1 for numbers) stays as it is. */
struct task_move {
	int64_t id;
	enum task_state from, to;
	int64_t attempt;       /* that the row must be at: what is heard of an earlier one moves nothing */
	const char *owner;     /* the lease that the row must bear; NULL = it must bear none */
	const char *new_owner; /* the lease that it bears afterwards; NULL = none */
	int64_t now;           /* becomes updated_at where something visible changes */
	int64_t due_at;        /* 0 = never */
	const char *external_id;
	int progress; /* -1 = stays; never lowers */
	const char *video_url;
	const char *image_url;
	const char *error_code; /* set to NULL by any move to a state but FAILED */
	const char *error_message;
	int64_t completed_at; /* 0 = it has not ended */
	int64_t polls, misses;
};

/* Makes the move, or ERR_CONFLICT where the row is no longer as expected (another state, another owner).
 * Where a client can see it (another status, or anything given of external_id, progress, URLs and errors) the
 * task gets a new revision and updated_at, and `ret_rev` is written; else it keeps them. */
enum err_code store_task_move(struct store *store, const struct task_move *move, int64_t *ret_rev);

struct task_rest {
	int64_t id;
	int64_t attempt;       /* as in struct task_move */
	enum task_state state; /* that the row must be in, and stays in */
	const char *owner;     /* the lease that the row must bear, and bears no more */
	int64_t due_at;
	int64_t polls, misses;
};

/* Gives a lease back and sets due_at, polls and misses, without a revision: nothing visible has changed.
 * ERR_CONFLICT where the row bears another owner, or is at another attempt or in another state. */
enum err_code store_task_rest(struct store *store, const struct task_rest *rest);

/* Notes by which key of its channel the attempt is sent (task.key_id), and whether under a key by which the
 * upstream knows a repetition, without a revision. */
enum err_code store_task_set_keyed(struct store *store, int64_t id, bool keyed, const char *key_id);

/* Prolongs the lease of `owner` on the attempt to `due_at`. ERR_CONFLICT where the row is no longer SENDING
 * under it. */
enum err_code
store_task_hold(struct store *store, int64_t id, int64_t attempt, const char *owner, int64_t due_at);

/* Writes the upstream's id of an earlier attempt that had none yet. ERR_CONFLICT where there is no such
 * attempt, or it has one. */
enum err_code store_attempt_learn(struct store *store, int64_t id, int64_t attempt, const char *external_id);

struct task_again {
	int64_t id;
	enum task_state from, to;
	const char *owner; /* who holds its lease afterwards, or NULL */
	int64_t now, due_at, deadline_at;
};

/* Starts another attempt of a task that has ended: what became of the last one is kept aside, what was known
 * of it goes from the task, attempt grows. ERR_CONFLICT where the row is in another state, held by somebody,
 * or deleted. */
enum err_code store_task_again(struct store *store, const struct task_again *again, int64_t *ret_rev);

/* Deletes a task for everybody: prompt, metadata, links and the name of its image go; the row stays, and the
 * feed tells that it is gone. ERR_NOT_FOUND where it is deleted already. */
enum err_code store_task_hide(struct store *store, int64_t id, int64_t now, int64_t *ret_rev);

struct task_claim {
	const char *owner; /* who takes the leases */
	int64_t now;       /* what is due by then is claimed */
	int64_t until;     /* when the leases end by themselves */
	int64_t limit;     /* tasks */
	/* How many more of a channel's there are hands for, of those that are READY or of the others; NULL =
	 * as many as the limit says. */
	int64_t (*room)(void *cookie, const char *channel, bool ready);
	void *cookie;
};

/* Takes the lease of tasks that are due, the longest due first: sets owner and moves due_at to `until`. The
 * tasks are handed out as they were before, with the former owner (not NULL = its lease has run out: its
 * holder died or sleeps); those that have left READY come first, the longest due first, then READY ones in
 * order of creation; where there is not room for all, each of the two has half of it at least. READY tasks of
 * a channel in cooldown are not handed out before their deadline, nor more than a channel's limits allow; of
 * no channel more than there is room for. Nothing visible changes. */
enum err_code store_task_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                               struct task **ret_tasks, size_t *ret_count);

/* When the next task falls due, a READY one not before its channel's cooldown ends, and at no time as long as
 * the channel has as much as its limits allow; INT64_MAX = none will. */
enum err_code store_task_next_due(struct store *store, int64_t *ret_due_at);

/* The clock was set back, so that all times in the database lie further ahead than they were meant to: tasks,
 * deliveries and videos are due at `now`, tasks and deliveries that somebody holds at `lease` at the latest,
 * videos at `fetch_lease`, and no channel rests. */
enum err_code store_clock_back(struct store *store, int64_t now, int64_t lease, int64_t fetch_lease);

/* By how many ms the clock is ahead of where it was when store_clock_shift() looked at it last, since the
 * same start of the machine; negative where it is behind; 0 where nothing is known. What a time server
 * corrects is in it, too. */
enum err_code store_clock_step(struct store *store, int64_t *ret_step);

/* The clock was set by `step` ms (0 = it was not): moves by as much what has been measured with it and lasts
 * for hours or days, deadlines of open tasks, ends of logins, since when a video is kept or an endpoint
 * fails; and notes how the clock stands. In the transaction in which store_clock_step() has said so. */
enum err_code store_clock_shift(struct store *store, int64_t step);

/* ---- the feed ---- */

/* The epoch of this database (IDS_SHORT_SIZE at most, in the arena) and the latest revision. */
enum err_code
store_feed_head(struct store *store, struct arena *arena, const char **ret_epoch, int64_t *ret_rev);

struct feed_window {
	int64_t user_id;
	int64_t rev;   /* changes after this */
	int64_t limit; /* tasks */
	int64_t
	    bytes; /* of prompts and metadata; once they are passed no further task is added to the first */
};

/* The user's tasks that changed in the window, in order of revision. `ret_more` where there are further ones.
 */
enum err_code store_feed_since(struct store *store, struct arena *arena, const struct feed_window *window,
                               struct task **ret_tasks, size_t *ret_count, bool *ret_more);

struct feed_change {
	int64_t user_id, rev;
};

/* Who has changes after `rev`: each user once, with the latest revision; an array in the arena. Costs as much
 * as tasks have changed. */
enum err_code store_feed_changes(struct store *store, struct arena *arena, int64_t rev,
                                 struct feed_change **ret_changes, size_t *ret_count);

#endif
