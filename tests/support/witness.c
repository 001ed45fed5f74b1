/* A witness of the accounts, for LD_PRELOAD: before each COMMIT of any program it checks what must always be
 * true (contract of the money, section 4) of each user, charge, task and code whose rows the transaction has
 * written. Where something is not so it says what, and the process ends before the commit (SIGABRT).
 *
 *   $WITNESS_FILE   where it says so, a line each; $WITNESS_FILE.count has a byte for every 16 commits that
 * it has seen $WITNESS_PLANT  a fault that a walk must find, one time in eight: "release" or "hold" has the
 * transfer made twice, "settle" loses it, each with what it does to the balances
 *
 * The programs under test know nothing of this. The rules stand here once more, apart from `longreel ledger
 * check`, so that neither is its own judge. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum table { TASK, CHARGE, TRANSFER, ACCOUNT, CODE, TABLE__MAX };

static const char *const table_names[] = {"task", "charge", "transfer", "account", "code"};

/* The rows of a table that a transaction has written; each once, or more often. */
struct rows {
	sqlite3_int64 *ids;
	size_t count, size;
};

struct connection {
	sqlite3 *db;
	struct rows rows[TABLE__MAX], added; /* charges that are new */
	const char *broken;                  /* what a write itself has broken; NULL = nothing */
	bool skips, repeats;                 /* the next transfer's row, by the plant */
	struct connection *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct connection *connections;

#define USER_OF_ACCOUNT  "SELECT user_id FROM account WHERE id = ?1 AND user_id > 0"
#define USER_OF_CHARGE   "SELECT user_id FROM charge WHERE id = ?1"
#define USER_OF_TRANSFER "SELECT user_id FROM transfer WHERE id = ?1"
#define OPEN             "('ready', 'sending', 'unsure', 'running')"
#define SUM(kind)                                                                                            \
	"(SELECT coalesce(sum(amount), 0) FROM transfer WHERE charge_id = c.id AND kind = '" kind "')"
#define KEPT "CASE state WHEN 'held' THEN -reserved ELSE -charged END"

/* Each with a row for what is wrong with ?1; the numbers are those of the contract. */
static const char *const of_user[] = {
    /* 1, 2 */
    "SELECT '2: ' || a.kind || ' of user ' || ?1 || ' is ' || a.balance FROM account AS a WHERE a.user_id = "
    "?1 AND a.balance <> "
    "(SELECT coalesce(sum(CASE WHEN credit = a.id THEN amount WHEN debit = a.id THEN -amount ELSE 0 END), 0) "
    "FROM transfer "
    "WHERE user_id = ?1)",
    "SELECT '2: the last transfer of user ' || ?1 || ' says ' || t.balance FROM transfer AS t JOIN account "
    "AS a ON a.user_id = ?1 "
    "AND a.kind = 'available' WHERE t.id = (SELECT max(id) FROM transfer WHERE user_id = ?1) AND t.balance "
    "<> a.balance",
    /* 3 */
    "SELECT '3: ' || kind || ' of user ' || ?1 || ' is ' || balance FROM account WHERE user_id = ?1 AND "
    "balance < -credit_line",
    /* 5 */
    "SELECT '5: user ' || ?1 || ' holds ' || balance FROM account WHERE user_id = ?1 AND kind = 'held' AND "
    "balance <> "
    "(SELECT coalesce(sum(reserved), 0) FROM charge WHERE user_id = ?1 AND state = 'held')",
    /* 11 */
    "SELECT '11: spent by user ' || ?1 || ' with key ' || api_key || ' on day ' || day FROM (SELECT api_key, "
    "day, amount FROM spend_day WHERE user_id = ?1 UNION ALL SELECT api_key, day, " KEPT
    " FROM charge WHERE user_id = ?1) GROUP BY api_key, day HAVING sum(amount) <> 0",
    "SELECT '11: used by user ' || ?1 || ' on day ' || day FROM (SELECT day, completed, failed, cancelled, "
    "charged FROM usage_day "
    "WHERE user_id = ?1 UNION ALL SELECT day, -(outcome = 'completed'), -(outcome = 'failed'), -(outcome = "
    "'cancelled'), "
    "-charged FROM charge WHERE user_id = ?1 AND state <> 'held') GROUP BY day "
    "HAVING sum(completed) <> 0 OR sum(failed) <> 0 OR sum(cancelled) <> 0 OR sum(charged) <> 0",
    NULL,
};
static const char *const of_charge[] = {
    /* 4, 7 */
    "SELECT '4: charge ' || id || ' is ' || state || ', reserved ' || reserved || ', charged ' || charged "
    "FROM charge AS c WHERE "
    "id = ?1 AND (charged > reserved OR reserved <> " SUM("reserve") " OR charged <> " SUM(
        "settle") " OR (state <> 'settled' AND "
                  "charged <> 0) OR CASE state WHEN 'held' THEN 0 ELSE reserved - charged END <> " SUM(
                      "release") " OR refunded <> " SUM("refund") " OR refunded > charged)",
    NULL,
};
/* 6 */
static const char *const of_task[] = {
    "SELECT '6: task ' || video_id || ' is ' || state || ', and has no charge' FROM task AS t WHERE id = ?1 "
    "AND state IN " OPEN " AND NOT EXISTS (SELECT 1 FROM charge AS c WHERE c.task_id = ?1 AND c.attempt = "
    "t.attempt AND (c.state = 'held' OR "
    "(c.state = 'released' AND c.reason IN ('operator', 'lapse', 'give_up'))))",
    "SELECT '6: task ' || t.video_id || ' is ' || t.state || ', charge ' || c.id || ' of attempt ' || "
    "c.attempt || ' is held' FROM "
    "charge AS c JOIN task AS t ON t.id = c.task_id WHERE c.task_id = ?1 AND c.state = 'held' AND "
    "(c.attempt <> t.attempt OR (t.state IN " OPEN
    ") = (c.linger_until IS NOT NULL) OR t.state = 'completed')",
    NULL,
};
/* 10 */
static const char *const of_code[] = {
    "SELECT '10: code ' || id || ' was used ' || uses || ' times of ' || uses_max FROM code AS c WHERE id = "
    "?1 AND (uses > uses_max "
    "OR uses <> (SELECT count(*) FROM redemption WHERE code_id = ?1) OR (amount > 0 AND uses <> (SELECT "
    "count(*) FROM transfer "
    "WHERE code_id = ?1)))",
    NULL,
};
#define SAME_WINDOW                                                                                          \
	"WHEN 'day' THEN s.day = c.day WHEN 'week' THEN (s.day + 3) / 7 = (c.day + 3) / 7 WHEN 'month' "     \
	"THEN "                                                                                              \
	"strftime('%Y%m', s.day * 86400, 'unixepoch') = strftime('%Y%m', c.day * 86400, 'unixepoch') ELSE 1"

/* 8: a task that waits goes to no channel whose budget it breaks; nothing else changes the charge of one. */
static const char *const of_moved_charge[] = {
    "SELECT '8: channel ' || b.who || ' is given more than ' || b.amount || ' a ' || b.period "
    "FROM charge AS c JOIN task AS t ON t.id = c.task_id AND t.attempt = c.attempt JOIN budget AS b ON "
    "b.subject = 'channel' AND b.who = c.channel WHERE c.id = ?1 AND c.state = 'held' AND t.state = 'ready' "
    "AND b.amount < (SELECT sum(s.amount) FROM spend_channel AS s WHERE s.channel = b.who "
    "AND CASE b.period " SAME_WINDOW " END)",
    NULL,
};
/* 8: what is held and settled is within each budget at the moment when it is added to. */
static const char *const of_new_charge[] = {
    "WITH c AS (SELECT * FROM charge WHERE id = ?1 AND reserved > 0), "
    "own (who, period, amount) AS (SELECT who, period, amount FROM budget, c WHERE subject = 'user' AND who "
    "= CAST(user_id AS TEXT)), "
    "limits (subject, who, period, amount) AS (SELECT b.subject, b.who, b.period, b.amount FROM budget AS b, "
    "c WHERE "
    "(b.subject = 'user' AND b.who = CAST(c.user_id AS TEXT)) OR (b.subject = 'key' AND b.who = "
    "CAST(c.api_key AS TEXT)) OR "
    "(b.subject = 'channel' AND b.who = c.channel) OR b.subject = 'all' "
    "UNION ALL SELECT 'user', CAST(u.id AS TEXT), p.column1, CASE p.column1 WHEN 'day' THEN g.budget_day "
    "WHEN 'week' THEN "
    "g.budget_week ELSE g.budget_month END FROM c JOIN \"user\" AS u ON u.id = c.user_id JOIN user_group AS "
    "g ON g.id = u.group_id, "
    "(VALUES ('day'), ('week'), ('month')) AS p WHERE p.column1 NOT IN (SELECT period FROM own)), "
    "spent (subject, who, day, amount) AS (SELECT 'user', CAST(user_id AS TEXT), day, amount FROM spend_day "
    "UNION ALL SELECT 'key', CAST(api_key AS TEXT), day, amount FROM spend_day "
    "UNION ALL SELECT 'channel', channel, day, amount FROM spend_channel) "
    "SELECT '8: ' || l.subject || ' ' || l.who || ' has spent more than ' || l.amount || ' a ' || l.period "
    "FROM limits AS l, c WHERE "
    "l.amount < (SELECT coalesce(sum(s.amount), 0) FROM spent AS s WHERE s.subject = CASE l.subject WHEN "
    "'all' THEN 'channel' "
    "ELSE l.subject END AND (l.subject = 'all' OR s.who = l.who) AND CASE l.period " SAME_WINDOW " END)",
    NULL,
};

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static int
real_step(sqlite3_stmt *stmt)
{
	static int (*_Atomic next)(sqlite3_stmt *);
	if (next == NULL)
		next = (int (*)(sqlite3_stmt *))real("sqlite3_step");
	return next(stmt);
}

/* ---- what a transaction has written ---- */

static void
note(struct rows *rows, sqlite3_int64 id)
{
	if (rows->count > 0 && rows->ids[rows->count - 1] == id)
		return;
	if (rows->count == rows->size) {
		rows->size = rows->size * 2 + 64;
		rows->ids = realloc(rows->ids, rows->size * sizeof(*rows->ids));
		if (rows->ids == NULL)
			abort();
	}
	rows->ids[rows->count++] = id;
}

static void
on_write(void *cookie, int kind, const char *database, const char *table, sqlite3_int64 id)
{
	struct connection *connection = cookie;
	(void)database;
	for (int i = 0; i < TABLE__MAX; i++)
		if (strcmp(table, table_names[i]) == 0) {
			if ((i == TRANSFER && kind != SQLITE_INSERT) ||
			    (i == CHARGE && kind == SQLITE_DELETE))
				connection->broken = "2: a transfer was changed, or a charge removed";
			note(&connection->rows[i], id);
			if (i == CHARGE && kind == SQLITE_INSERT)
				note(&connection->added, id);
		}
}

static void
forget(void *cookie)
{
	struct connection *connection = cookie;
	for (int i = 0; i < TABLE__MAX; i++)
		connection->rows[i].count = 0;
	connection->added.count = 0;
	connection->broken = NULL;
	connection->skips = connection->repeats = false;
}

int
sqlite3_open_v2(const char *path, sqlite3 **ret_db, int flags, const char *vfs)
{
	int (*next)(const char *, sqlite3 **, int, const char *) =
	    (int (*)(const char *, sqlite3 **, int, const char *))real("sqlite3_open_v2");
	int code = next(path, ret_db, flags, vfs);
	if (code != SQLITE_OK || (getenv("WITNESS_FILE") == NULL && getenv("WITNESS_PLANT") == NULL))
		return code;
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		abort();
	connection->db = *ret_db;
	sqlite3_update_hook(*ret_db, on_write, connection);
	sqlite3_rollback_hook(*ret_db, forget, connection);
	pthread_mutex_lock(&lock);
	connection->next = connections;
	connections = connection;
	pthread_mutex_unlock(&lock);
	return code;
}

/* NULL where there is none. Of several at the same place in memory the latest is the one that is open. */
static struct connection *
connection_of(sqlite3 *db)
{
	pthread_mutex_lock(&lock);
	struct connection *connection = connections;
	while (connection != NULL && connection->db != db)
		connection = connection->next;
	pthread_mutex_unlock(&lock);
	return connection;
}

/* ---- the check ---- */

static void
accuse(const char *what)
{
	char line[400];
	int len = snprintf(line, sizeof(line), "%d %s\n", (int)getpid(), what);
	int fd = open(getenv("WITNESS_FILE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)len) != len)
		fputs(line, stderr);
	abort();
}

/* Runs each statement for each id; any row accuses. A database that has not all its tables yet has no money.
 */
static void
check(sqlite3 *db, const char *const *rules, const struct rows *rows)
{
	for (; *rules != NULL && rows->count > 0; rules++) {
		sqlite3_stmt *stmt = NULL;
		if (sqlite3_prepare_v2(db, *rules, -1, &stmt, NULL) != SQLITE_OK) {
			if (strstr(sqlite3_errmsg(db), "no such") != NULL)
				continue;
			accuse(sqlite3_errmsg(db));
		}
		for (size_t i = 0; i < rows->count; i++) {
			sqlite3_bind_int64(stmt, 1, rows->ids[i]);
			int code = real_step(stmt);
			if (code == SQLITE_ROW)
				accuse((const char *)sqlite3_column_text(stmt, 0));
			if (code != SQLITE_DONE)
				accuse(sqlite3_errmsg(db));
			sqlite3_reset(stmt);
		}
		sqlite3_finalize(stmt);
	}
}

/* Adds the users to whom the rows belong. */
static void
add_users(sqlite3 *db, const char *sql, const struct rows *rows, struct rows *users)
{
	sqlite3_stmt *stmt = NULL;
	if (rows->count == 0 || sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return;
	for (size_t i = 0; i < rows->count; i++) {
		sqlite3_bind_int64(stmt, 1, rows->ids[i]);
		if (real_step(stmt) == SQLITE_ROW) {
			sqlite3_int64 user = sqlite3_column_int64(stmt, 0);
			size_t at = 0;
			while (at < users->count && users->ids[at] != user)
				at++;
			if (at == users->count)
				note(users, user);
		}
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
}

static void
count_commit(void)
{
	static _Atomic unsigned seen;
	char path[4096];
	if (atomic_fetch_add(&seen, 1) % 16 != 15)
		return;
	snprintf(path, sizeof(path), "%s.count", getenv("WITNESS_FILE"));
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, "x", 1) != 1)
		fputs("witness: no count\n", stderr);
	if (fd >= 0)
		close(fd);
}

static void
check_all(struct connection *connection)
{
	sqlite3 *db = connection->db;
	struct rows users = {0}, *rows = connection->rows;
	if (connection->broken != NULL)
		accuse(connection->broken);
	add_users(db, USER_OF_ACCOUNT, &rows[ACCOUNT], &users);
	add_users(db, USER_OF_TRANSFER, &rows[TRANSFER], &users);
	add_users(db, USER_OF_CHARGE, &rows[CHARGE], &users);
	check(db, of_user, &users);
	check(db, of_charge, &rows[CHARGE]);
	check(db, of_new_charge, &connection->added);
	check(db, of_moved_charge, &rows[CHARGE]);
	check(db, of_task, &rows[TASK]);
	check(db, of_code, &rows[CODE]);
	free(users.ids);
	count_commit();
}

/* ---- the fault that is planted ---- */

/* Decides whether the transfer that is added now is made wrong: one in eight of its kind is, made twice, or
 * not at all. */
static void
choose(struct connection *connection, sqlite3_stmt *stmt, const char *what)
{
	static _Atomic unsigned chance;
	char *text = sqlite3_expanded_sql(stmt), word[16];
	snprintf(word, sizeof(word), "'%s'", strcmp(what, "hold") == 0 ? "reserve" : what);
	bool wrong = text != NULL && strstr(text, word) != NULL && atomic_fetch_add(&chance, 1) % 8 == 7;
	sqlite3_free(text);
	connection->skips = wrong && strcmp(what, "settle") == 0;
	connection->repeats = wrong && !connection->skips;
}

/* Has the row of such a transfer, and then the balances, written twice, or not at all. True where the step is
 * done. */
static bool
plant(struct connection *connection, sqlite3_stmt *stmt, const char *what)
{
	const char *sql = sqlite3_sql(stmt);
	if (strstr(sql, "INSERT INTO transfer") != NULL)
		choose(connection, stmt, what);
	else if (strstr(sql, "SET    balance = balance") == NULL)
		connection->skips = connection->repeats = false;
	if (connection->repeats && real_step(stmt) == SQLITE_DONE)
		sqlite3_reset(stmt);
	return connection->skips;
}

int
sqlite3_step(sqlite3_stmt *stmt)
{
	struct connection *connection = connection_of(sqlite3_db_handle(stmt));
	const char *faulty = getenv("WITNESS_PLANT");
	/* Statements of SQLite's own, as those that read the schema, come by here, too, and have no text. */
	if (connection == NULL || sqlite3_sql(stmt) == NULL)
		return real_step(stmt);
	if (faulty != NULL && plant(connection, stmt, faulty))
		return SQLITE_DONE;
	bool watches = getenv("WITNESS_FILE") != NULL;
	bool commits = strncmp(sqlite3_sql(stmt), "COMMIT", 6) == 0;
	if (watches && commits)
		check_all(connection);
	int code = real_step(stmt);
	if (commits ? code == SQLITE_DONE
	            : sqlite3_get_autocommit(connection->db) && !sqlite3_stmt_readonly(stmt)) {
		if (watches && !commits)
			check_all(connection);
		forget(connection);
	}
	return code;
}
