/* Lanes: first come, first served among equals, at most `width` at a time. Going may end at once, and so let
 * the next one go: that is a loop here and no recursion, as lines may be long. */
#include "domain/channel/queue.h"

#include <stdlib.h>
#include <string.h>

#include "upstream/http/client.h"

struct line {
	struct queue_entry *first, **end;
};

struct queue {
	struct queues *queues;
	struct queue *next;
	struct http *http;    /* NULL before somebody wants it */
	struct line lines[2]; /* the second is of those who go first */
	size_t inside[2];     /* how many of each are going or in line */
	size_t going;
	bool moving; /* somebody is being let go */
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
		queue->lines[i].end = &queue->lines[i].first;
	queue->next = queues->first;
	queues->first = queue;
	return queue;
}

size_t
queues_count(const struct queues *queues, const char *channel, bool first)
{
	const struct queue *queue = find(queues, channel);
	return queue != NULL ? queue->inside[first] : 0;
}

/* Takes the next one out of the lines; NULL = nobody waits. */
static struct queue_entry *
next_in(struct queue *queue)
{
	struct line *line = queue->lines[1].first != NULL ? &queue->lines[1] : &queue->lines[0];
	struct queue_entry *place = line->first;
	if (place == NULL)
		return NULL;
	line->first = place->next;
	if (line->first == NULL)
		line->end = &line->first;
	return place;
}

static void
move(struct queue *queue)
{
	struct queue_entry *place;
	if (queue->moving)
		return;
	queue->moving = true;
	while (queue->going < queue->queues->width && (place = next_in(queue)) != NULL) {
		queue->going++;
		place->go(place->cookie);
	}
	queue->moving = false;
}

void
queues_drain(struct queues *queues)
{
	queues->width = SIZE_MAX;
	for (struct queue *queue = queues->first; queue != NULL; queue = queue->next)
		move(queue);
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
queue_enter(struct queue *queue, struct queue_entry *place)
{
	struct line *line = &queue->lines[place->first];
	place->queue = queue;
	place->next = NULL;
	*line->end = place;
	line->end = &place->next;
	queue->inside[place->first]++;
	move(queue);
}

struct http *
queue_http(const struct queue_entry *place)
{
	struct queue *queue = place->queue;
	const struct queues *queues = queue->queues;
	if (queue->http == NULL && !queues->hung_up)
		queue->http = http_new(queues->loop, queues->width == SIZE_MAX ? 0 : (long)queues->width);
	return queue->http;
}

void
queue_leave(struct queue_entry *place)
{
	struct queue *queue = place->queue;
	queue->inside[place->first]--;
	queue->going--;
	move(queue);
}
