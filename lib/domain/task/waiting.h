/* What an open task waits for, and for how long, from what all programs see: its row, its channel's row, and
 * the times that its model took lately. Belongs to the thread of the store. */
#ifndef DOMAIN_TASK_WAITING_H
#define DOMAIN_TASK_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct store;

enum waiting_reason {
#define WAITING(name, code, sentence) WAITING_##name,
#include "domain/task/waiting.def"
#undef WAITING
	WAITING__MAX
};

enum { WAITING_CHANNELS = 8, WAITING_AHEAD_MOST = 1000 };

/* Why a channel sends nothing of a model and a user now. */
struct waiting_channel {
	const char *name, *model;
	int64_t user;               /* for whose tasks */
	enum waiting_reason reason; /* WAITING_IN_LINE: it does send */
	int64_t until;              /* ms since the epoch; 0 = not known */
};

/* A look at several tasks at one time: what their channels do is read once. Plain data; names are those of
 * the tasks, which outlive it. Begin with {.store = …, .now = clock_wall_ms()}. */
struct waiting_look {
	struct store *store;
	int64_t now;
	struct waiting_channel channels[WAITING_CHANNELS];
	size_t count;
};

/* What an open task waits for. */
struct waiting {
	enum waiting_reason reason; /* of one that a client sees as QUEUED; WAITING__MAX = it is none */
	int64_t next_try_at;        /* ms since the epoch; 0 = when it is its turn */
	int64_t ahead;   /* tasks that its channel is to get before it, by the turns of all users as they wait
	                    now, up to WAITING_AHEAD_MOST; -1 = not counted */
	int64_t done_at; /* of one under way: when it will be done, if it takes as long as its model
	                    took lately; 0 = too little is known, or it has taken longer */
};

/* Finds out what a task waits for; nothing of one that has ended. `count`: also how many are ahead, which
 * costs a look at each of them. */
enum err_code
waiting_find(struct waiting_look *look, const struct task *task, bool count, struct waiting *ret_waiting);

/* The API's word for a reason; the sentence that goes on "waits for". */
const char *waiting_code(enum waiting_reason reason);
const char *waiting_text(enum waiting_reason reason);

#endif
