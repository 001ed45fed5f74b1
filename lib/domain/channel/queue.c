/* Request queues: first come, first served among equals, at most `width` at a time. A request may end inside
 * its start(), and so free the slot for the next: that is a loop here, no recursion, as a queue may be long.
 */
#include "domain/channel/queue.h"

#include <stdlib.h>
#include <string.h>

#include "upstream/http/client.h"

struct list {
	struct queue_entry *first, **end;
};

struct queue {
	struct queues *queues;
	struct queue *next;
	struct http *http;      /* NULL before the first request */
	struct list waiting[2]; /* [1]: the entries with `first` */
	size_t count[2];        /* of each kind, started or waiting */
	size_t started;
	const struct queue_entry *entering; /* just now */
	bool starting;                      /* start_next() runs */
	char channel[];
};

struct queues {
	struct loop *loop;
	struct queue *first;
	size_t width;
	bool hung_up;
};

struct queues *
queues_new(struct loop *loop, size_t width)
{
	struct queues *queues = calloc(1, sizeof(*queues));
	if (queues == NULL)
		return NULL;
	queues->loop = loop;
	queues->width = width;
	return queues;
}

void
queues_free(struct queues *queues)
{
	struct queue *queue, *next;
	if (queues == NULL)
		return;
	queues_hang_up(queues);
	for (queue = queues->first; queue != NULL; queue = next) {
		next = queue->next;
		free(queue);
	}
	free(queues);
}

static struct queue *
find(const struct queues *queues, const char *channel)
{
	struct queue *queue = queues->first;
	while (queue != NULL && strcmp(queue->channel, channel) != 0)
		queue = queue->next;
	return queue;
}

struct queue *
queues_find(struct queues *queues, const char *channel)
{
	struct queue *queue = find(queues, channel);
	if (queue != NULL)
		return queue;
	size_t size = strlen(channel) + 1;
	queue = calloc(1, sizeof(*queue) + size);
	if (queue == NULL)
		return NULL;
	memcpy(queue->channel, channel, size);
	queue->queues = queues;
	for (int i = 0; i < 2; i++)
		queue->waiting[i].end = &queue->waiting[i].first;
	queue->next = queues->first;
	queues->first = queue;
	return queue;
}

size_t
queues_count(const struct queues *queues, const char *channel, bool first)
{
	const struct queue *queue = find(queues, channel);
	return queue != NULL ? queue->count[first] : 0;
}

/* Takes the next entry out of those that wait; NULL = there is none. */
static struct queue_entry *
take_next(struct queue *queue)
{
	struct list *list = queue->waiting[1].first != NULL ? &queue->waiting[1] : &queue->waiting[0];
	struct queue_entry *entry = list->first;
	if (entry == NULL)
		return NULL;
	list->first = entry->next;
	if (list->first == NULL)
		list->end = &list->first;
	return entry;
}

/* Starts entries as long as there are slots. */
static void
start_next(struct queue *queue)
{
	struct queue_entry *entry;
	if (queue->starting)
		return;
	queue->starting = true;
	while (queue->started < queue->queues->width && (entry = take_next(queue)) != NULL) {
		queue->started++;
		entry->waited = entry != queue->entering;
		entry->start(entry->cookie);
	}
	queue->starting = false;
}

void
queues_drain(struct queues *queues)
{
	queues->width = SIZE_MAX;
	for (struct queue *queue = queues->first; queue != NULL; queue = queue->next)
		start_next(queue);
}

void
queues_hang_up(struct queues *queues)
{
	queues->hung_up = true;
	for (struct queue *queue = queues->first; queue != NULL; queue = queue->next) {
		struct http *http = queue->http;
		queue->http = NULL;
		http_free(http);
	}
}

void
queue_enter(struct queue *queue, struct queue_entry *entry)
{
	struct list *list = &queue->waiting[entry->first];
	entry->queue = queue;
	entry->next = NULL;
	*list->end = entry;
	list->end = &entry->next;
	queue->count[entry->first]++;
	queue->entering = entry;
	start_next(queue);
	queue->entering = NULL;
}

struct http *
queue_http(const struct queue_entry *entry)
{
	struct queue *queue = entry->queue;
	const struct queues *queues = queue->queues;
	if (queue->http == NULL && !queues->hung_up)
		queue->http = http_new(queues->loop, queues->width == SIZE_MAX ? 0 : (long)queues->width);
	return queue->http;
}

void
queue_leave(struct queue_entry *entry)
{
	struct queue *queue = entry->queue;
	queue->count[entry->first]--;
	queue->started--;
	start_next(queue);
}
