/* The waiting room: who waits for what, and the loop that answers them. See DESIGN.
 * room_enter() may be called by any thread; everything else happens on the thread of room_run(). */
#ifndef UPDATES_ROOM_H
#define UPDATES_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/deferred_reply.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "domain/task/cursor.h"

struct call;
struct config;
struct links;
struct room;

/* A client that found nothing new and wants to wait. */
struct waiter {
	struct deferred_reply deferred;
	int64_t user_id;
	const struct links *links;       /* to its videos; the program's */
	struct feed_place place;         /* it has seen everything up to here */
	uint8_t token[CRYPTO_HASH_SIZE]; /* by whose right it waits: its hash */
	int64_t looked;  /* up to this revision somebody has looked for it already, and found nothing */
	int32_t wait_ms; /* from later.started_ms on; at most LIMIT_WAIT seconds */
	bool video;      /* is answered with that task as OpenAI's object, also where nothing has changed */
	char video_id[IDS_VIDEO_SIZE]; /* "" = any task of the user */
};

/* Opens the room of the configuration's DATA; struct program's `open`. */
void *room_open(const struct config *config, char *ret_why, size_t why_size);

/* Struct program's `run`, `stop` and `close`. */
void room_run(void *state, bool until_idle);
void room_stop(void *state);
void room_close(void *state);

/* Takes the call's connection and hands it over with `waiter` (whose `later` is filled in here). False when
 * memory is short: then the call is still to be answered by its handler. Any thread. */
bool room_enter(struct room *room, struct call *call, const struct waiter *waiter);

#endif
