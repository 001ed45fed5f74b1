/* What a process knows of the channels' health for polls, of now or a moment ago: thousands of polls read it,
 * and few of these a moment need the database. Belongs to one thread. */
#ifndef DOMAIN_CHANNEL_KNOWN_HEALTH_H
#define DOMAIN_CHANNEL_KNOWN_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/channel/health.h"

struct store;

/* Of one channel. */
struct known_health {
	struct known_health *next;
	bool known;                /* else it is read when it is next looked for */
	struct poll_health health; /* see health.h */
	int64_t waited_until;      /* the end of the cooldown that polls wait for; 0 = they wait for none */
	int64_t asked_until;       /* what an answer has asked for that is not written yet; 0 = nothing */
	char channel[];
};

/* Finds what is known of the channel in the list, and reads it where it is not. NULL when memory is short. */
struct known_health *
known_health_find(struct known_health **list, struct store *store, const char *channel, int64_t now);

/* True where no poll is to be sent now that was due at `due`; ret_until: until when. What was due while polls
 * were told to wait is not made up for when that is over, whether this process saw it or not: else all would
 * come at once then. The cooldown that polls have waited for may
 * have been renewed at its very end, by the submission that probed. So one poll is sent at that end all the
 * same: else a channel that loses each submission would never be asked about the jobs that it has. */
bool known_health_cools(struct known_health *health, int64_t due, int64_t now, int64_t *ret_until);

/* Returns until when polls that wait for a connection are told to wait on, at `now`; 0 = they are not. */
int64_t known_health_told(struct known_health *health, struct store *store, int64_t now);

/* Has polls wait until then, as an answer has asked for. */
void known_health_ask(struct known_health *health, int64_t until);

/* Forgets what an answer has asked for: it is written, or the clock was set since. */
void known_health_asked_end(struct known_health *list);

/* Has all of it read again: after commits by others. */
void known_health_forget(struct known_health *list);

/* Frees the list. */
void known_health_free(struct known_health *list);

#endif
