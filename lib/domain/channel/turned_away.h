/* What a task remembers of the channels that turned its attempt away for a reason of their own: a list in its
 * row, "account/one model/two". Pure and thread-safe. */
#ifndef DOMAIN_CHANNEL_TURNED_AWAY_H
#define DOMAIN_CHANNEL_TURNED_AWAY_H

#include <stdbool.h>

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

#endif
