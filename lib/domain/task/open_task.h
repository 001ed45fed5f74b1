/* One polled task in memory, and what it is filed under. Internal to this folder. */
#ifndef DOMAIN_TASK_OPEN_TASK_H
#define DOMAIN_TASK_OPEN_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "model/task.h"

struct open_channel {
	struct open_channel *next;
	struct heap heap; /* of struct open_task */
	char name[];
};

struct open_task {
	struct heap_node look;   /* its key is its place in the channel's order of looks */
	int64_t due;             /* the time of the next look, or of the one under way */
	struct open_task *chain; /* in its bucket */
	struct open_channel *channel;
	int64_t again; /* the due_at by which it is to be looked at once more then; 0 = it is not */
	bool polled;   /* a poll is under way */
	bool stale;    /* its row is to be read again before the next */
	bool gone;     /* it is in the table no more */
	struct task task;
	char text[]; /* its strings */
};

/* Makes an entry of a task, with copies of the strings that a poll needs; what is large, above all the
 * prompt, it does not. Its channel is added where it is not known. NULL when memory is short; else free(). */
struct open_task *open_task_new(struct open_channel **channels, const struct task *row);

/* What puts looks in order. */
struct open_order {
	int64_t began; /* wall ms; what was due before is late */
	uint16_t lot;  /* the rest of the row by which late ones begin */
};

/* The order for a process that begins now. */
struct open_order open_order_begin(void);

/* Returns the place of the entry's next look among those of its channel, as a key of the heap: its time. Late
 * ones are before all that, in order of their rows, as those that lie together are written together. They
 * begin somewhere, by lot: so none is left out for ever where each run is cut short. */
int64_t open_task_place(const struct open_task *entry, const struct open_order *order);

/* Frees channels, whose heaps must be empty. */
void open_channels_free(struct open_channel *channels);

#endif
