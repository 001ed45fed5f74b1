/* How a channel is doing, as all programs know it. Plain data. */
#ifndef MODEL_CHANNEL_HEALTH_H
#define MODEL_CHANNEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct channel_health {
	int64_t failures;       /* failed calls in a row */
	int64_t cooldown_until; /* ms since the epoch; nothing new is sent before; 0 = now */
	bool throttled;         /* the cooldown is one that the upstream asked for; else it does not work */
	/* Trouble of the operator's account, its key or its balance: the channel gets no new work. */
	int64_t account_failures; /* how often in a row it was found; 0 = there is none */
	int64_t account_until;    /* ms; nothing new is sent before */
	int64_t account_probe;    /* the row of the task that is sent to see whether it is over; 0 = none */
	int64_t accepted_at;      /* when it last took a task, to a minute */
};

#endif
