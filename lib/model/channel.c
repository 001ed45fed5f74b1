/* What a channel calls its models. */
#include "model/channel.h"

#include <string.h>

bool
channel_model_in(const struct channel_model *models, size_t count, const char *ours)
{
	for (size_t i = 0; i < count && ours != NULL; i++)
		if (strcmp(models[i].ours, ours) == 0)
			return true;
	return false;
}

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

const char *
channel_our_model(const struct channel *channel, const char *asked, const char *theirs)
{
	if (asked != NULL && strcmp(channel_their_model(channel, asked), theirs) == 0)
		return asked;
	for (size_t i = 0; i < channel->model_count; i++)
		if (strcmp(channel->models[i].theirs, theirs) == 0)
			return channel->models[i].ours;
	return theirs;
}
