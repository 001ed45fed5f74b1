/* Turns: in which order the tasks that wait for a channel are sent. The users who have some waiting there
 * stand in a line; a turn sends the first one's next task, and leads to the end of the line. Those with a
 * single task waiting stand in a line of their own, too, and get at least one of three turns. A user's own
 * tasks go as they are due. Each verb costs a few looks into an index, whatever waits. What writes belongs
 * into the transaction of its caller. Threads and errors as in store.h. */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;
struct task;
struct turn_line;

/* ---- for the domain ---- */

/* A place in a line. */
struct turn_place {
	int64_t user_id, place;
};

#define TURN_FRONT ((struct turn_place){.place = INT64_MIN}) /* before all */

/* Finds who has the next place at the channel, in its line or out of it for a time. ERR_NOT_FOUND where it is
 * the last. */
enum err_code store_turn_behind(struct store *store, const char *channel, struct turn_place *place);

/* Notes that the user has had a turn at the channel, by a task that waits there no more. */
enum err_code store_turn_take(struct store *store, const char *channel, int64_t user_id);

/* Gives the next turn to the user of a READY task, which has had one and was not sent after all. */
enum err_code store_turn_give_back(struct store *store, const struct task *task);

/* Counts the tasks that the channel is to get before this READY one: at most so many, as far as is known now,
 * up to `most`. Costs a step in an index for each that is counted. */
enum err_code
store_turn_ahead(struct store *store, const struct task *task, int64_t most, int64_t *ret_count);

/* ---- for the verbs of the store ---- */

/* Puts the user of a task in state READY in line at its channel, and makes sure that the task is looked at
 * when it is due. After each write of such a row but the taking of a lease; nothing for other states. */
enum err_code turn_enter(struct store *store, int64_t task_id);

/* Notes that the user has a task less in state READY at the channel; NULL = the channel in its row. */
enum err_code turn_leave(struct store *store, int64_t task_id, const char *channel);

/* Finds the task whose turn it is, and notes that its user has had it; ret_id: 0 = none is due, or enough was
 * looked at, and the next claim goes on. The caller takes its lease before the next call. After turn_wake()
 * (turn_sleep.h). */
enum err_code turn_next(struct store *store, struct turn_line *line, int64_t *ret_id);

/* Writes what turns have changed of the line. */
enum err_code turn_count(struct store *store, const struct turn_line *line);

/* Lets all stand in line who would wait beyond `now`: the clock was set back. */
enum err_code turn_hurry(struct store *store, int64_t now);

#endif
