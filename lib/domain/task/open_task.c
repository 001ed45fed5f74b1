/* Polled tasks in memory, one by one; see open_task.h. */
#include "domain/task/open_task.h"

#include <stdlib.h>
#include <string.h>

enum { STRINGS = 13 };

static struct open_channel *
find_channel(struct open_channel **channels, const char *name)
{
	struct open_channel *channel = *channels;
	while (channel != NULL && strcmp(channel->name, name) != 0)
		channel = channel->next;
	if (channel != NULL)
		return channel;
	size_t size = strlen(name) + 1;
	channel = calloc(1, sizeof(*channel) + size);
	if (channel == NULL)
		return NULL;
	memcpy(channel->name, name, size);
	channel->next = *channels;
	*channels = channel;
	return channel;
}

/* The strings that a poll needs; what is large, above all the prompt, it does not. */
static void
strings_of(struct task *task, const char **ret_strings[STRINGS])
{
	const char **const strings[STRINGS] = {
	    &task->video_id,    &task->external_id, &task->key_id,     &task->model,  &task->size,
	    &task->options,     &task->input_file,  &task->input_type, &task->images, &task->job,
	    &task->facts.model, &task->facts.size,  &task->owner,
	};
	memcpy(ret_strings, strings, sizeof(strings));
}

struct open_task *
open_task_new(struct open_channel **channels, const struct task *row)
{
	struct task task = *row;
	const char **strings[STRINGS];
	size_t size = 0;
	strings_of(&task, strings);
	for (int i = 0; i < STRINGS; i++)
		size += *strings[i] != NULL ? strlen(*strings[i]) + 1 : 0;
	struct open_channel *channel = find_channel(channels, row->channel);
	struct open_task *entry = channel != NULL ? calloc(1, sizeof(*entry) + size) : NULL;
	if (entry == NULL)
		return NULL;
	char *at = entry->text;
	for (int i = 0; i < STRINGS; i++) {
		if (*strings[i] == NULL)
			continue;
		size_t len = strlen(*strings[i]) + 1;
		memcpy(at, *strings[i], len);
		*strings[i] = at;
		at += len;
	}
	task.channel = channel->name;
	task.prompt = task.client_request_id = task.aspect_ratio = task.media_type = task.metadata = NULL;
	task.video_url = task.image_url = task.error_code = task.error_message = NULL;
	task.source_external_id = task.turned_away = NULL;
	entry->task = task;
	entry->channel = channel;
	return entry;
}

void
open_channels_free(struct open_channel *channels)
{
	struct open_channel *next;
	for (; channels != NULL; channels = next) {
		next = channels->next;
		heap_free(&channels->heap);
		free(channels);
	}
}
