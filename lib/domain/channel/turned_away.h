/* What a task remembers of the channels that turned its attempt away for a reason of their own: a list in its
 * row, "account/one model/two until/three/1764291402480/1764291462480". Pure and thread-safe. */
#ifndef DOMAIN_CHANNEL_TURNED_AWAY_H
#define DOMAIN_CHANNEL_TURNED_AWAY_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum turned_away {
	TURNED_AWAY_ACCOUNT, /* it spoke of the operator's key or balance */
	TURNED_AWAY_MODEL,   /* it does not have the model */
	TURNED_AWAY_LATER    /* it asked to come later, in this round through the channels */
};

/* True where the channel is in the list for that reason. list: NULL = nothing is. */
bool turned_away_by(const char *list, enum turned_away why, const char *channel);

/* The list with the channel, in `arena`. NULL when memory is short. */
const char *turned_away_add(struct arena *arena, const char *list, enum turned_away why, const char *channel);

/* The list without the channels of that reason, in `arena`; "" where none is left. NULL when memory is short.
 */
const char *turned_away_without(struct arena *arena, const char *list, enum turned_away why);

/* Until when the channel has asked the task not to come again: ms since the epoch, after `now`; 0 = it may
 * come. What was asked for at a time after `now` is from before the clock was set back, and does not count.
 */
int64_t turned_away_until(const char *list, const char *channel, int64_t now);

/* The list with that, asked for at `now`, in `arena`. NULL when memory is short. */
const char *
turned_away_add_until(struct arena *arena, const char *list, const char *channel, int64_t now, int64_t until);

/* The list without the waits that are over at that time, in `arena`; "" where nothing is left. NULL when
 * memory is short. */
const char *turned_away_from(struct arena *arena, const char *list, int64_t time);

#endif
