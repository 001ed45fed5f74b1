/* How a channel is doing, as all programs know it. Plain data. */
#ifndef MODEL_CHANNEL_HEALTH_H
#define MODEL_CHANNEL_HEALTH_H

#include <stdint.h>

struct channel_health {
	int64_t failures;       /* failed calls in a row */
	int64_t cooldown_until; /* ms since the epoch; nothing new is sent before; 0 = now */
};

#endif
