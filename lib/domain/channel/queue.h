/* A request queue per channel: at most `width` requests on the wire; the rest wait in order. Each queue has
 * an HTTP client of its own, so that a slow upstream delays no other, not even one at the same host. Queues
 * belong to the loop's thread. */
#ifndef DOMAIN_CHANNEL_QUEUE_H
#define DOMAIN_CHANNEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct http;
struct loop;
struct queue;
struct queues;

/* One request: memory of the caller's, which must last until queue_leave(). */
struct queue_entry {
	struct queue_entry *next; /* set by the queue, as `queue` is */
	struct queue *queue;
	bool first;                  /* starts before all entries that are not */
	bool waited;                 /* set by the queue: start() is called some time after queue_enter() */
	void (*start)(void *cookie); /* called once, when the entry has a slot */
	void *cookie;
};

/* Makes the set of queues, with `width` slots in each. NULL when memory is short. */
struct queues *queues_new(struct loop *loop, size_t width);

/* Frees the queues; no entry may be in them. NULL is fine. */
void queues_free(struct queues *queues);

/* Starts all entries that wait, and from now on each new one at once, whatever the width: for a stop, when
 * start() gives up. */
void queues_drain(struct queues *queues);

/* Ends all requests under way, as http_free(): nothing more can be sent. */
void queues_hang_up(struct queues *queues);

/* Returns the queue of the channel, made where there is none yet; it lasts as long as the set. The name is
 * copied. NULL when memory is short. */
struct queue *queues_find(struct queues *queues, const char *channel);

/* Counts the entries in the channel's queue, started or waiting: those with `first`, or the others. */
size_t queues_count(const struct queues *queues, const char *channel, bool first);

/* Puts the entry at the end of the queue; start() is called when there is a slot, perhaps before this
 * returns. */
void queue_enter(struct queue *queue, struct queue_entry *entry);

/* Returns the HTTP client for the request of a started entry; NULL when memory is short, or after
 * queues_hang_up(). */
struct http *queue_http(const struct queue_entry *entry);

/* Gives the slot back and starts the next request (after the current start() callback, if called from one).
 */
void queue_leave(struct queue_entry *entry);

#endif
