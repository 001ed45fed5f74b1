/* Lanes: whoever wants to talk to an upstream that is talked to over a limited number of connections stands
 * in line for one of them. One lane with an HTTP client of its own for each channel, so that a slow upstream
 * holds nobody else up, be it at the same host. They belong to the loop's thread. */
#ifndef DOMAIN_CHANNEL_QUEUE_H
#define DOMAIN_CHANNEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct queue;
struct queues;
struct loop;

/* One who wants to go: the caller's memory, which stays until he has left. */
struct queue_entry {
	struct queue_entry *next; /* the lane's business, as the lane itself */
	struct queue *queue;
	bool first; /* goes before all who are not */
	void (*go)(void *cookie);
	void *cookie;
};

/* Lanes of `width` connections each. NULL when memory is short. */
struct queues *queues_new(struct loop *loop, size_t width);

/* Frees them; nobody may stand in line. NULL is fine. */
void queues_free(struct queues *queues);

/* Has all who stand in line go at once, and from now on all who come: for a stop, when going means to give
 * up. */
void queues_drain(struct queues *queues);

/* Ends all that is under way, as http_free(): nothing more can be sent. */
void queues_hang_up(struct queues *queues);

/* The lane of the channel; it lasts as long as the lanes. The name is copied. NULL when memory is short. */
struct queue *queues_find(struct queues *queues, const char *channel);

/* How many are in the lane of the channel, going or in line: those who go first, or the others. */
size_t queues_count(const struct queues *queues, const char *channel, bool first);

/* Stands in line: `go` is called when it is his turn, perhaps before this returns. */
void queue_enter(struct queue *queue, struct queue_entry *place);

/* The client for what he who goes has to say; NULL when memory is short, or after queues_hang_up(). */
struct http *queue_http(const struct queue_entry *place);

/* He who went makes room for the next, who goes before this returns (or, where this is called inside of a
 * go(), soon after that). */
void queue_leave(struct queue_entry *place);

#endif
