/* Polled tasks in memory, one by one; see open_task.h. */
#include "domain/task/open_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

enum {
	STRINGS = 13,
	ROWS = 4096 /* that late looks go through, before the next ones of the same rest */
};

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

/* The strings that a poll needs. */
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

/* What a poll needs of a row, as store/row.h reads it of many: what is large, above all the prompt, it does
 * not.
 */
static struct task
needed_of(const struct task *row)
{
	return (struct task){
	    .id = row->id,
	    .video_id = row->video_id,
	    .external_id = row->external_id,
	    .key_id = row->key_id,
	    .state = row->state,
	    .progress = row->progress,
	    .model = row->model,
	    .size = row->size,
	    .seconds = row->seconds,
	    .options = row->options,
	    .input_file = row->input_file,
	    .input_type = row->input_type,
	    .images = row->images,
	    .job = row->job,
	    .facts = row->facts,
	    .deleted = row->deleted,
	    .attempt = row->attempt,
	    .created_at = row->created_at,
	    .accepted_at = row->accepted_at,
	    .deadline_at = row->deadline_at,
	    .rev = row->rev,
	    .due_at = row->due_at,
	    .owner = row->owner,
	    .tries = row->tries,
	    .not_found_count = row->not_found_count,
	};
}

struct open_task *
open_task_new(struct open_channel **channels, const struct task *row)
{
	struct task task = needed_of(row);
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
	entry->task = task;
	entry->channel = channel;
	return entry;
}

struct open_order
open_order_begin(void)
{
	struct open_order order = {.began = clock_wall_ms()};
	crypto_random(&order.lot, sizeof(order.lot));
	return order;
}

int64_t
open_task_place(const struct open_task *entry, const struct open_order *order)
{
	bool late = !task_looks_now(entry->due) && entry->due < order->began && entry->due <= clock_wall_ms();
	int64_t rows = (entry->task.id - order->lot) & (ROWS - 1);
	return late ? TASK_LOOK_NOW_LAST + 1 + rows : entry->due;
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
