/* What a process knows of the channels' health for polls, of now or a moment ago: thousands of polls read it,
 * and few of these a moment need the database. Belongs to one thread. */
#ifndef DOMAIN_CHANNEL_KNOWN_HEALTH_H
#define DOMAIN_CHANNEL_KNOWN_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/* Of one channel. */
struct known_health {
	struct known_health *next;
	bool known;            /* else it is read when it is next looked for */
	int64_t cooling_until; /* no poll is sent before, wall ms; 0 = one may be sent */
	bool troubled;         /* polls have failed: the next proper answer is to be noted */
	char channel[];
};

/* Finds what is known of the channel in the list, and reads it where it is not. NULL when memory is short. */
struct known_health *
known_health_find(struct known_health **list, struct store *store, const char *channel, int64_t now);

/* Has all of it read again: after commits by others. */
void known_health_forget(struct known_health *list);

/* Frees the list. */
void known_health_free(struct known_health *list);

#endif
