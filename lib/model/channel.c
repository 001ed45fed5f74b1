/* What a channel calls things. */
#include "model/channel.h"

#include <string.h>

const char *
channel_their_model(const struct channel *channel, const char *ours)
{
	if (ours == NULL)
		return channel->model_count > 0 ? channel->models[0].theirs : NULL;
	for (size_t i = 0; i < channel->model_count; i++)
		if (strcmp(channel->models[i].ours, ours) == 0)
			return channel->models[i].theirs;
	return ours;
}
