/* The waiting room: clients that wait for a change, and the loop that answers them. DESIGN explains it. Any
 * thread may call room_enter(); everything else happens on the thread of room_run(). */
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
	struct feed_place place;         /* it has seen all changes up to here */
	uint8_t token[CRYPTO_HASH_SIZE]; /* hash of its token, which must still be valid at the answer */
	int64_t looked;  /* the accepting thread has looked up to this revision, and found nothing */
	int32_t wait_ms; /* from deferred.started_ms on; at most LIMIT_WAIT seconds */
	bool video;      /* wants one task as OpenAI's object, at the deadline even if unchanged */
	char video_id[IDS_VIDEO_SIZE]; /* "" = any task of the user */
};

/* Opens the room for the configuration's data directory: struct program's `open`. */
void *room_open(const struct config *config, char *ret_why, size_t why_size);

/* Run, stop and close it: struct program's `run`, `stop` and `close`. */
void room_run(void *state, bool until_idle);
void room_stop(void *state);
void room_close(void *state);

/* Hands the call's connection to the room, with a copy of `waiter` (whose `deferred` is set here). False when
 * memory is short: the handler must then answer the call. Any thread. */
bool room_enter(struct room *room, struct call *call, const struct waiter *waiter);

#endif
