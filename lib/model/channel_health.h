/* How a channel is doing, as all programs know it. Plain data. */
#ifndef MODEL_CHANNEL_HEALTH_H
#define MODEL_CHANNEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CHANNEL_KEY_SIZE = 32,
	CHANNEL_LOST_ALLOWED = 2 /* after more, new work is probed for */
};

struct channel_health {
	/* Its connections: none can be made, or they are lost. */
	int64_t failures;       /* in a row */
	int64_t cooldown_until; /* ms since the epoch; nothing at all is sent before; 0 = now */
	int64_t lost;           /* submissions in a row that had no answer, whatever polls had */
	int64_t lost_task;      /* the row of the task of the last; 0 = one was taken since */
	/* Polls alone. */
	int64_t poll_failures; /* answers in a row that say nothing */
	int64_t poll_until;    /* ms; no poll is sent before */
	/* Trouble of the operator's account, its key or its balance: the channel gets no new work. */
	int64_t account_failures;    /* how often in a row it was found; 0 = there is none */
	int64_t account_until;       /* ms; nothing new is sent before */
	int64_t account_asked_until; /* ms; the latest end of a wait that the upstream asked for with it */
	int64_t account_failed_at;   /* ms; when it was last counted */
	int64_t account_probe; /* the row of the task that is sent to see whether this trouble, or that of
	                          the connection, is over; 0 = none */
	char account_key[CHANNEL_KEY_SIZE]; /* the id of the key that it was found with; "" = not known */
	int64_t accepted_at;                /* when it last took a task, to a minute */
	bool of_models; /* something is known of single models (model_health); read only */
};

/* How a channel is doing with one model. */
struct model_health {
	int64_t failures;    /* tasks in a row that were turned away, each counted once */
	int64_t until;       /* ms; nothing new of the model is sent before; 0 = now */
	int64_t asked_until; /* ms; the latest end of a wait that the upstream asked for */
	int64_t task;        /* the row of the task that was turned away last; 0 = none since one was taken */
	int64_t probe;       /* the row of the task that is sent to see whether it is over; 0 = none */
	int64_t accepted_at; /* when a task last ended the count; 0 = none has */
	int64_t failed_at;   /* when one was last counted; 0 = nothing is known of the model */
	int64_t user; /* whose tasks alone were turned away, and for whom alone it cools down; 0 = for all */
	bool throttled; /* the upstream asked for fewer requests; else it fails */
};

#endif
