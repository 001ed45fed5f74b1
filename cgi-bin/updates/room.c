/* The waiting room. One loop on one thread owns every waiter, so there is no lock and no race to reason about
 * but one: between a client's last look and its entry here. `looked` closes it (see DESIGN). A waiter is a
 * parked connection (web/park) with a struct seat behind it; parked under the key of its user. */
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/bell.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "page.h"
#include "store/store.h"

enum {
	TICK_MS = 1000,    /* how long a change that nobody rang for may stay unseen */
	STOP_MAX_MS = 5000 /* how long a stop waits for slow readers */
};

struct room {
	struct loop *loop;
	struct park *park;
	struct store *store;
	struct arena *arena; /* of one round */
	const struct config *config;
	const char *epoch;
	struct arena *lasting; /* of the epoch */
	int64_t seen;          /* every change up to this revision has been told to who waited for it */
	int64_t version;       /* of the database at the last round */
	struct loop_watch bell;
	struct loop_timer tick;
	struct loop_task stop;
	bool stopping;
	int64_t stop_by; /* clock_mono_ms() */
};

/* What stands behind a parked connection. */
struct seat {
	struct later later;
	struct feed_place place;
	uint8_t token[CRYPTO_HASH_SIZE];
	char video_id[IDS_VIDEO_SIZE];
};

/* A waiter on its way from an accepting thread to the loop. */
struct entry {
	struct loop_task task;
	struct room *room;
	struct waiter waiter;
};

/* One SELECT serves all waiters of a user with the same cursor. */
struct page_cache {
	int64_t rev;
	bool valid, empty;
	struct buf data;
};

/* ---- answering ---- */

static void
answer_data(struct room *room, struct parked *parked, const struct buf *data)
{
	struct seat *seat = park_extra(parked);
	struct request request;
	struct reply reply;
	struct jsonw w;
	later_reply(&seat->later, &request, &reply);
	envelope_begin(&w, &reply);
	jsonw_raw(&w, "data", buf_str(data));
	envelope_end(&w, &request, &reply, 200);
	later_done(&seat->later);
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
}

static void
answer_empty(struct room *room, struct parked *parked)
{
	const struct seat *seat = park_extra(parked);
	struct buf data;
	buf_init(&data, LIMIT_REPLY);
	page_write_empty(room->epoch, seat->place, &data);
	answer_data(room, parked, &data);
	buf_free(&data);
}

static void
answer_error(struct room *room, struct parked *parked, enum err_code code)
{
	struct seat *seat = park_extra(parked);
	struct request request;
	struct reply reply;
	struct err err = err_of(code);
	later_reply(&seat->later, &request, &reply);
	envelope_error(&request, &reply, &err, seat->later.lang);
	later_done(&seat->later);
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
}

/* Looks for what the waiter waits for; answers it, or leaves it where it is. */
static void
look(struct room *room, struct parked *parked, struct page_cache *cache)
{
	const struct seat *seat = park_extra(parked);
	struct page_query query = {room->epoch, (int64_t)park_key(parked), seat->place, seat->video_id};
	bool shared = seat->video_id[0] == '\0';
	if (!shared || !cache->valid || cache->rev != seat->place.all) {
		cache->valid = false;
		buf_clear(&cache->data);
		enum err_code err = page_write(room->store, room->arena, &query, &cache->data, &cache->empty);
		if (err != ERR_OK) {
			answer_error(room, parked, err == ERR_NOT_FOUND ? ERR_TASK_NOT_FOUND : err);
			return;
		}
		cache->valid = shared;
		cache->rev = seat->place.all;
	}
	if (cache->empty)
		return;
	/* Whoever has logged out meanwhile, or was shut out, is told nothing. */
	struct user user;
	enum err_code err =
	    store_user_by_token(room->store, room->arena, seat->token, clock_wall_ms(), &user);
	if (err == ERR_OK)
		answer_data(room, parked, &cache->data);
	else
		answer_error(room, parked, err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err);
}

static void
look_for_user(struct room *room, int64_t user_id)
{
	struct page_cache cache = {0};
	buf_init(&cache.data, LIMIT_REPLY);
	struct parked *next;
	for (struct parked *parked = park_oldest(room->park, (uint64_t)user_id); parked != NULL;
	     parked = next) {
		next = park_younger(parked);
		look(room, parked, &cache);
	}
	buf_free(&cache.data);
}

/* ---- what happens ---- */

/* Tells everybody concerned what has changed since the last round. On failure `seen` stays, and the next tick
 * tries again. */
static void
round_of_changes(struct room *room)
{
	struct feed_change *changes;
	size_t count;
	enum err_code err = store_feed_changes(room->store, room->arena, room->seen, &changes, &count);
	if (err != ERR_OK) {
		log_error("changes cannot be read: %s", err_word(err));
		room->version = -1;
	}
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		if (changes[i].rev > room->seen)
			room->seen = changes[i].rev;
		if (park_count(room->park, (uint64_t)changes[i].user_id) > 0)
			look_for_user(room, changes[i].user_id);
	}
	arena_reset(room->arena);
}

static void
on_bell(void *cookie, unsigned events)
{
	struct room *room = cookie;
	(void)events;
	bell_hush(room->bell.fd);
	round_of_changes(room);
}

/* The net under the bell: a writer that was killed between its commit and its ring, or a person with the
 * sqlite3 shell. */
static void
on_tick(void *cookie)
{
	struct room *room = cookie;
	int64_t version;
	if (store_data_version(room->store, &version) == ERR_OK && version != room->version) {
		room->version = version;
		round_of_changes(room);
	}
	loop_timer_set(room->loop, &room->tick, clock_mono_ms() + TICK_MS);
}

static void
on_parked_end(struct parked *parked, enum park_end why, void *cookie)
{
	struct room *room = cookie;
	struct seat *seat = park_extra(parked);
	if (why == PARK_TIMEOUT)
		answer_empty(room, parked);
	else
		later_done(&seat->later);
}

/* A waiter arrives. What changed up to `looked` it has seen; what changes after `seen` the next round tells
 * it; so only what lies between the two, if anything, is looked for now. */
static void
on_entry(void *cookie)
{
	struct entry *entry = cookie;
	struct room *room = entry->room;
	struct waiter *waiter = &entry->waiter;
	uint64_t key = (uint64_t)waiter->user_id;

	if (park_count(room->park, key) >= (size_t)room->config->max_waiters_per_user)
		answer_empty(room, park_oldest(room->park, key));
	struct parked *parked =
	    park_add(room->park, waiter->later.conn, key, waiter->deadline_ms, sizeof(struct seat));
	if (parked == NULL) {
		log_error("a waiter was lost for want of memory, request=%s", waiter->later.request_id);
		later_done(&waiter->later);
		free(entry);
		return;
	}
	struct seat *seat = park_extra(parked);
	seat->later = waiter->later;
	seat->place = waiter->place;
	memcpy(seat->token, waiter->token, sizeof(seat->token));
	memcpy(seat->video_id, waiter->video_id, sizeof(seat->video_id));

	if (room->stopping) {
		answer_empty(room, parked);
	} else if (room->seen > waiter->looked) {
		struct page_cache cache = {0};
		buf_init(&cache.data, LIMIT_REPLY);
		look(room, parked, &cache);
		buf_free(&cache.data);
		arena_reset(room->arena);
	}
	free(entry);
}

bool
room_enter(struct room *room, struct call *call, const struct waiter *waiter)
{
	struct entry *entry = malloc(sizeof(*entry));
	if (entry == NULL)
		return false;
	*entry = (struct entry){.task = {.fn = on_entry, .cookie = entry}, .room = room, .waiter = *waiter};
	if (!later_take(call, &entry->waiter.later)) {
		free(entry);
		return false;
	}
	loop_post(room->loop, &entry->task);
	return true;
}

/* ---- life ---- */

static void
on_stop(void *cookie)
{
	struct room *room = cookie;
	struct parked *parked;
	room->stopping = true;
	room->stop_by = clock_mono_ms() + STOP_MAX_MS;
	while ((parked = park_any(room->park)) != NULL)
		answer_empty(room, parked);
	loop_stop(room->loop);
}

void *
room_open(const struct config *config, char *ret_why, size_t why_size)
{
	const char *what = "memory";
	struct room *room = calloc(1, sizeof(*room));
	if (room == NULL)
		goto failed;
	room->config = config;
	room->bell = (struct loop_watch){.fd = -1, .fn = on_bell, .cookie = room};
	room->tick = (struct loop_timer){.fn = on_tick, .cookie = room};
	room->stop = (struct loop_task){.fn = on_stop, .cookie = room};
	room->arena = arena_new();
	room->lasting = arena_new();
	room->loop = loop_new();
	if (room->arena == NULL || room->lasting == NULL || room->loop == NULL)
		goto failed;
	room->park = park_new(room->loop, on_parked_end, room);
	if (room->park == NULL)
		goto failed;
	what = "the bell"; /* before the first look at the database, so that no ring is missed */
	room->bell.fd = bell_listen(config->data);
	if (room->bell.fd < 0 || !loop_add(room->loop, &room->bell, LOOP_READ))
		goto failed;
	what = "the database";
	if (store_open(config->data, STORE_READ, &room->store) != ERR_OK ||
	    store_data_version(room->store, &room->version) != ERR_OK ||
	    store_feed_head(room->store, room->lasting, &room->epoch, &room->seen) != ERR_OK)
		goto failed;
	loop_timer_set(room->loop, &room->tick, clock_mono_ms() + TICK_MS);
	return room;
failed:
	snprintf(ret_why, why_size, "the waiting room cannot open %s", what);
	room_close(room);
	return NULL;
}

void
room_run(void *state, bool until_idle)
{
	struct room *room = state;
	if (!until_idle) {
		loop_run(room->loop);
	} else {
		loop_once(room->loop, 0);
		while (park_total(room->park) > 0)
			loop_once(room->loop, -1);
	}
	/* What is still being written to slow readers. */
	while (room->stopping && park_total(room->park) > 0 && clock_mono_ms() < room->stop_by)
		loop_once(room->loop, room->stop_by - clock_mono_ms());
}

void
room_stop(void *state)
{
	struct room *room = state;
	loop_post(room->loop, &room->stop);
}

void
room_close(void *state)
{
	struct room *room = state;
	if (room == NULL)
		return;
	park_free(room->park);
	store_close(room->store);
	if (room->bell.fd >= 0)
		close(room->bell.fd);
	loop_free(room->loop);
	arena_free(room->lasting);
	arena_free(room->arena);
	free(room);
}
