/* How channels are doing with single models. A channel has a hundred rows at most, whatever names clients
 * send. Threads and errors as in store.h. */
#ifndef STORE_CHANNEL_MODEL_H
#define STORE_CHANNEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"

struct arena;
struct store;

/* Reads how a channel is doing with a model (NULL = that of tasks which name none); zeroes where nothing is
 * known. */
enum err_code store_channel_model(struct store *store, const char *channel, const char *model,
                                  struct model_health *ret_health);

/* Replaces that at `now`. Of more than a hundred models those are forgotten whose cooldowns are over, or end
 * first. */
enum err_code store_channel_set_model(struct store *store, const char *channel, const char *model,
                                      const struct model_health *health, int64_t now);

/* A model that cools down. */
struct model_cooldown {
	const char *channel, *model; /* "" = that of tasks which name none */
	int64_t failures, until;
	bool throttled;
};

/* Lists the models that cool down at `now`, of one channel or of all (NULL), by their names: an array in the
 * arena. */
enum err_code store_channel_resting(struct store *store, struct arena *arena, const char *channel,
                                    int64_t now, struct model_cooldown **ret_list, size_t *ret_count);

#endif
