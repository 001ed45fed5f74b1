/* Shares of the polled tasks; see shares.h. The lease stands in the row of the poller, once for all its
 * shares. Where that row is gone another poller has ended it, and the shares may be others'; so a look at it,
 * inside the transaction, is what guards each write. A lease ends by its time, or where the poller is seen to
 * have died (poller_files.h). */
#include "domain/task/shares.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/poller_files.h"
#include "store/clock.h"
#include "store/feed.h"
#include "store/share.h"
#include "store/store.h"

enum {
	LOOK_MS = 1000, /* between two looks for shares that are free */
	LEFT_MS = 2000, /* a poller that runs has taken its part by then */
	CHANGES = 1000, /* that are read at a time */
	ASKED = 100,    /* tasks that are to be looked at at once, likewise */
	DEAD = 16       /* pollers that are buried at a time */
};

struct shares {
	struct domain_env env;
	struct open_tasks *tasks;
	struct arena *arena, *row; /* of one pass, of one row */
	bool stays;
	uint64_t ours;       /* their bits, by their rows */
	uint64_t held;       /* those of them whose tasks are in memory */
	int64_t lease;       /* ms */
	int64_t until;       /* wall ms; when our lease ends, 0 = there is none */
	int64_t extended_at; /* clock_mono_ms() */
	int64_t looked_at;   /* likewise: for shares that are free */
	int64_t left_since;  /* likewise: some are free that were another's part; 0 = none are */
	int64_t all_until;   /* likewise: until then all that is free is our part */
	int64_t rev;         /* changes up to this are known; -1 = none */
	int64_t asked_after; /* the row up to which those to be looked at at once are read; 0 = all are */
	int64_t looked[SHARES];
	int file; /* of this poller; -1 = none, others wait for its lease if it dies */
	struct dead_poller dead[DEAD];
	size_t dead_count;
};

static bool
has(uint64_t shares, int n)
{
	return (shares >> n & 1) != 0;
}

/* ---- the lease ---- */

/* A lease that a sixth is left of is for what is under way. Both clocks count: either may have been set, or
 * have stood still. */
static bool
may_ask(void *cookie)
{
	const struct shares *shares = cookie;
	int64_t left = shares->lease / 6;
	return shares->until > 0 && clock_wall_ms() < shares->until - left &&
	       clock_mono_ms() - shares->extended_at < shares->lease - left;
}

static bool
may_write(void *cookie)
{
	const struct shares *shares = cookie;
	bool known = false;
	return store_poller_known(shares->env.store, shares->env.owner, &known) == ERR_OK && known;
}

static bool
must_extend(const struct shares *shares)
{
	return shares->until == 0 || clock_mono_ms() - shares->extended_at >= shares->lease / 3;
}

/* What the rows say, and are to say. */
struct deal {
	struct share rows[SHARES];
	uint64_t ours;    /* afterwards */
	uint64_t leaving; /* those of them that we give as soon as no poll is under way */
	int64_t most;     /* our part */
	int64_t count;    /* of ours */
	bool left;        /* some are free afterwards */
};

/* Counts ours, and what is our part. Parts are equal; but what stays free is the part of a poller that is
 * frozen, and is ours, too, until its lease is over. */
static enum err_code
read_deal(struct shares *shares, struct deal *deal)
{
	struct store *store = shares->env.store;
	int64_t pollers = 1;
	enum err_code err = store_share_list(store, shares->arena, deal->rows);
	if (err == ERR_OK && shares->stays)
		err = store_poller_count(store, shares->env.owner, &pollers);
	if (err != ERR_OK)
		return err;
	int64_t mono = clock_mono_ms();
	if (shares->left_since > 0 && mono - shares->left_since >= LEFT_MS)
		shares->all_until = mono + shares->lease;
	deal->most = mono < shares->all_until ? SHARES : (SHARES + pollers - 1) / pollers;
	for (int n = 0; n < SHARES; n++)
		if (deal->rows[n].owner != NULL && strcmp(deal->rows[n].owner, shares->env.owner) == 0) {
			deal->ours |= UINT64_C(1) << n;
			deal->count++;
		}
	return ERR_OK;
}

/* Takes or gives one share, or notes its looks. */
static enum err_code
deal_one(const struct shares *shares, struct deal *deal, uint64_t busy, int n)
{
	const struct share *row = &deal->rows[n];
	uint64_t bit = UINT64_C(1) << n;
	/* Looks are known of shares whose tasks are in memory. */
	int64_t looked = has(shares->held & deal->ours, n) ? shares->looked[n] : row->looked_until;
	const char *owner = row->owner;
	if (has(deal->ours, n) && deal->count > deal->most && !has(busy, n)) {
		owner = NULL;
		deal->ours &= ~bit;
		deal->count--;
	} else if (owner == NULL && deal->count < deal->most) {
		owner = shares->env.owner;
		deal->ours |= bit;
		deal->count++;
	}
	deal->left = deal->left || owner == NULL;
	if (owner == row->owner && (!has(deal->ours, n) || looked == row->looked_until))
		return ERR_OK;
	return store_share_set(shares->env.store, n, owner, looked);
}

/* Where polls leave no share at rest for long, those that are too many get no new ones: else another poller
 * would never have its part. */
static uint64_t
find_leaving(const struct deal *deal)
{
	uint64_t leaving = 0;
	int64_t more = deal->count - deal->most;
	for (int n = 0; n < SHARES && more > 0; n++)
		if (has(deal->ours, n)) {
			leaving |= UINT64_C(1) << n;
			more--;
		}
	return leaving;
}

/* Extends the lease and deals with the shares, inside a transaction. ERR_CONFLICT: not now. */
static enum err_code
deal_all(struct shares *shares, int64_t now, struct deal *deal)
{
	struct store *store = shares->env.store;
	bool known = false;
	int64_t step = 0;
	enum err_code err = store_clock_owed(store, &step);
	/* By a clock that was set, and with which these have not moved, the leases of others seem to be over.
	 */
	if (err == ERR_OK && step != 0)
		err = ERR_CONFLICT;
	if (err == ERR_OK)
		err = store_poller_known(store, shares->env.owner, &known);
	if (err == ERR_OK && !known)
		shares->held = 0; /* what is in memory may be others' */
	if (err == ERR_OK)
		err = store_poller_extend(store, shares->env.owner, now + shares->lease, shares->stays);
	for (size_t i = 0; i < shares->dead_count && err == ERR_OK; i++)
		err = store_poller_remove(store, shares->dead[i].owner);
	if (err == ERR_OK)
		err = store_poller_purge(store, now);
	if (err == ERR_OK)
		err = read_deal(shares, deal);
	uint64_t busy = open_tasks_busy(shares->tasks);
	for (int n = 0; n < SHARES && err == ERR_OK; n++)
		err = deal_one(shares, deal, busy, n);
	deal->leaving = find_leaving(deal);
	return err;
}

static void
put_task(void *cookie, const struct task *task)
{
	const struct shares *shares = cookie;
	open_tasks_put(shares->tasks, task, shares->looked[task->id & (SHARES - 1)]);
}

/* Reads the tasks of shares that are new; where polls of an earlier time are under way, when these have
 * ended. */
static enum err_code
load(struct shares *shares, const struct deal *deal, int64_t now)
{
	uint64_t fresh = deal->ours & ~deal->leaving & ~shares->held & ~open_tasks_busy(shares->tasks);
	shares->ours = deal->ours;
	shares->held &= deal->ours & ~deal->leaving;
	open_tasks_keep(shares->tasks, shares->held);
	if (fresh == 0)
		return ERR_OK;
	for (int n = 0; n < SHARES; n++)
		if (has(fresh, n))
			shares->looked[n] =
			    deal->rows[n].looked_until < now ? deal->rows[n].looked_until : now;
	enum err_code err = store_share_tasks(shares->env.store, fresh, put_task, shares);
	if (err == ERR_OK && !open_tasks_lack(shares->tasks))
		shares->held |= fresh;
	else if (err == ERR_OK)
		err = ERR_NO_MEMORY;
	if (err != ERR_OK)
		open_tasks_keep(shares->tasks, shares->held);
	return err;
}

/* Where the changes begin that are to be read; nothing of before is missed, as all tasks are read after. */
static enum err_code
find_rev(struct shares *shares, int64_t *ret_rev)
{
	const char *epoch;
	return store_feed_head(shares->env.store, shares->arena, &epoch, ret_rev);
}

static enum err_code
extend(struct shares *shares)
{
	struct store *store = shares->env.store;
	struct deal deal = {.ours = 0};
	int64_t now = clock_wall_ms(), mono = clock_mono_ms();
	enum err_code err = ERR_OK;
	if (shares->file < 0)
		shares->file = poller_file_hold(shares->env.config->data, shares->env.owner);
	if (open_tasks_lack(shares->tasks))
		shares->held = 0;
	open_tasks_looked(shares->tasks, now, shares->looked);
	if (shares->rev < 0)
		err = find_rev(shares, &shares->rev);
	if (err == ERR_OK)
		err = store_begin(store, STORE_RELAXED);
	if (err != ERR_OK)
		return err;
	err = store_end(store, deal_all(shares, now, &deal));
	kill_point("shares.written");
	if (err != ERR_OK)
		return err == ERR_CONFLICT ? ERR_OK : err;
	shares->until = now + shares->lease;
	shares->extended_at = mono;
	if (!deal.left || shares->left_since == 0)
		shares->left_since = deal.left ? mono : 0;
	return load(shares, &deal, now);
}

/* ---- changes ---- */

static enum err_code
read_task(struct shares *shares, int64_t id, int64_t looked_until)
{
	struct task row;
	enum err_code err = store_share_task(shares->env.store, shares->row, id, &row);
	if (err == ERR_OK)
		open_tasks_put(shares->tasks, &row, looked_until);
	else if (err == ERR_NOT_FOUND)
		open_tasks_drop(shares->tasks, id);
	arena_reset(shares->row);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* A task that is new here is due when its row says. */
static enum err_code
read_change(struct shares *shares, const struct share_change *change)
{
	if (!has(shares->held, (int)(change->id & (SHARES - 1))))
		return ERR_OK;
	int64_t known = open_tasks_rev(shares->tasks, change->id);
	if (known >= change->rev)
		return ERR_OK;
	if (!change->polled) {
		open_tasks_drop(shares->tasks, change->id);
		return ERR_OK;
	}
	return read_task(shares, change->id, known >= 0 ? clock_wall_ms() : 0);
}

/* Some of the tasks that are to be looked at at once; the next pass has the next ones. */
static enum err_code
read_asked(struct shares *shares)
{
	struct share_asked *asked = NULL;
	size_t count = 0;
	enum err_code err =
	    store_share_asked(shares->env.store, shares->arena, shares->asked_after, ASKED, &asked, &count);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		open_tasks_ask(shares->tasks, asked[i].id, asked[i].due_at);
	if (err == ERR_OK)
		shares->asked_after = count == ASKED ? asked[count - 1].id : 0;
	return err;
}

static enum err_code
read_changes(struct shares *shares)
{
	struct share_change *changes = NULL;
	size_t count = 0;
	int64_t head;
	enum err_code err = find_rev(shares, &head);
	if (err == ERR_OK && head < shares->rev) /* a backup was restored */
		shares_forget(shares);
	while (err == ERR_OK && head > shares->rev) {
		err = store_share_changes(shares->env.store, shares->arena, shares->rev, CHANGES, &changes,
		                          &count);
		if (err != ERR_OK || count == 0)
			break;
		for (size_t i = 0; i < count && err == ERR_OK; i++) {
			err = read_change(shares, &changes[i]);
			if (err == ERR_OK)
				shares->rev = changes[i].rev;
		}
		arena_reset(shares->arena);
	}
	return err == ERR_OK ? read_asked(shares) : err;
}

/* Looks for shares that are free; ret_idle: there may be some. */
static enum err_code
look_for_idle(struct shares *shares, bool *ret_idle)
{
	const char *data = shares->env.config->data;
	shares->dead_count = poller_files_dead(data, shares->env.owner, shares->dead, DEAD);
	enum err_code err = store_share_idle(shares->env.store, clock_wall_ms(), ret_idle);
	*ret_idle = *ret_idle || shares->dead_count > 0;
	if (!*ret_idle)
		shares->left_since = 0;
	return err;
}

enum err_code
shares_pass(struct shares *shares)
{
	int64_t mono = clock_mono_ms();
	bool idle = false, look = mono - shares->looked_at >= LOOK_MS;
	enum err_code err = ERR_OK;
	if (look) {
		shares->looked_at = mono;
		err = look_for_idle(shares, &idle);
	}
	if (err == ERR_OK && (idle || must_extend(shares) || (look && shares->held != shares->ours)))
		err = extend(shares);
	for (; shares->dead_count > 0; shares->dead_count--)
		poller_file_bury(shares->env.config->data, &shares->dead[shares->dead_count - 1],
		                 err == ERR_OK);
	if (err == ERR_OK && shares->rev >= 0)
		err = read_changes(shares);
	arena_reset(shares->arena);
	poll_driver_refresh(open_tasks_driver(shares->tasks));
	return err;
}

int64_t
shares_wait(const struct shares *shares)
{
	int64_t third = shares->lease / 3;
	if (shares->asked_after > 0)
		return 1;
	return third < LOOK_MS ? third : LOOK_MS;
}

void
shares_forget(struct shares *shares)
{
	shares->ours = shares->held = 0;
	shares->until = 0;
	shares->rev = -1;
}

/* ---- life ---- */

enum err_code
shares_return(struct shares *shares)
{
	struct store *store = shares->env.store;
	struct deal deal = {.ours = 0};
	if (shares->until == 0)
		return ERR_OK;
	open_tasks_looked(shares->tasks, clock_wall_ms(), shares->looked);
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err != ERR_OK)
		return err;
	shares->stays = false;
	if (may_write(shares))
		err = read_deal(shares, &deal);
	for (int n = 0; n < SHARES && err == ERR_OK; n++)
		if (has(deal.ours, n))
			err = store_share_set(store, n, NULL,
			                      has(shares->held, n) ? shares->looked[n]
			                                           : deal.rows[n].looked_until);
	if (err == ERR_OK)
		err = store_poller_remove(store, shares->env.owner);
	err = store_end(store, err);
	if (err == ERR_OK) {
		shares_forget(shares);
		poller_file_drop(shares->env.config->data, shares->env.owner, shares->file);
		shares->file = -1;
	}
	arena_reset(shares->arena);
	return err;
}

struct shares *
shares_new(const struct domain_env *env, bool stays)
{
	struct shares *shares = calloc(1, sizeof(*shares));
	if (shares == NULL)
		return NULL;
	const struct poll_user may = {.may_ask = may_ask, .may_write = may_write, .cookie = shares};
	shares->env = *env;
	shares->stays = stays;
	shares->file = -1;
	shares->lease = lease_poll(env->config);
	shares->rev = -1;
	shares->looked_at = clock_mono_ms() - LOOK_MS;
	shares->arena = arena_new();
	shares->row = arena_new();
	shares->tasks = open_tasks_new(env, &may);
	if (shares->arena != NULL && shares->row != NULL && shares->tasks != NULL)
		return shares;
	shares_free(shares);
	return NULL;
}

void
shares_free(struct shares *shares)
{
	if (shares == NULL)
		return;
	open_tasks_free(shares->tasks);
	if (shares->file >= 0)
		close(shares->file);
	arena_free(shares->row);
	arena_free(shares->arena);
	free(shares);
}

struct open_tasks *
shares_tasks(const struct shares *shares)
{
	return shares->tasks;
}
