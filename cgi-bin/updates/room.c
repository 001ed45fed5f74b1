/* The waiting room. One loop on one thread owns all waiters: there is no lock, and one race, between a
 * client's last look at the database and its entry here; `looked` closes it (see DESIGN). A waiter is a
 * parked connection (web/park) with a struct seat, under the key of its user. */
#include "room.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/openai_video.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/machine.h"
#include "base/peer.h"
#include "domain/account/user.h"
#include "page.h"
#include "store/database.h"
#include "store/feed.h"
#include "store/listen.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"

enum {
	REPLY_KEPT = 64 * 1024,
	TICK_MS = 1000,      /* a change without a ring is seen after at most so long */
	LOOK_TICKS = 5,      /* between two looks for clients that have left */
	LEFT_MOST = 4096,    /* found at one look; others at the next */
	STOP_MAX_MS = 5000,  /* for slow readers, at a stop */
	PAUSE_MAX_S = 5,     /* the longest Retry-After of an early answer */
	OWN_DESCRIPTORS = 64 /* of this program: the database, the log, requests on their way in */
};

struct room {
	struct loop *loop;
	struct park *park;
	struct store *store;
	struct arena *arena; /* for one round; else empty */
	const struct config *config;
	const char *epoch;
	struct arena *lasting; /* of the epoch */
	int64_t seen;          /* the waiters have been answered for all changes up to this revision */
	int64_t version;       /* of the database at the last round */
	struct store_listener *listener;
	struct loop_watch bell;
	struct loop_timer tick;
	unsigned ticks;
	struct loop_task stop;
	bool stopping;
	size_t max_waiters; /* at a time, of all users */
	unsigned pause_s;   /* the last Retry-After of an early answer */
	bool early;         /* the present answer is early, to make room for another request */
	int64_t stop_by;    /* clock_mono_ms() */
	struct reply reply; /* the present answer; its memory is reused */
};

/* The extra memory of a parked connection, all that a waiter needs; an accepting thread makes it and hands it
 * to the loop. */
struct seat {
	struct loop_task task; /* its way to the loop */
	struct room *room;
	struct waiter waiter;
};
static_assert(sizeof(struct seat) <= 280, "a waiting client stays small");

/* The last results, to be reused: the page for waiters of a user with the same cursor and links, and the
 * right of waiters with the same token. */
struct page_cache {
	int64_t rev;
	const struct links *links;
	bool valid, empty;
	struct buf data;
	bool asked;
	uint8_t token[CRYPTO_HASH_SIZE];
	enum err_code right; /* of the token */
};

/* ---- answering ---- */

static void
send_reply(struct room *room, struct parked *parked)
{
	struct seat *seat = park_extra(parked);
	deferred_reply_done(&seat->waiter.deferred);
	park_answer(room->park, parked, &room->reply);
	if (room->reply.body.cap > REPLY_KEPT)
		buf_free(&room->reply.body);
}

/* Adds to an early answer when to ask again. The pauses take turns, so that clients that leave together do
 * not come back together. The connection is closed: an idle one would take the place of others. */
static void
add_pause(struct room *room)
{
	if (!room->early)
		return;
	room->pause_s = room->pause_s % PAUSE_MAX_S + 1;
	reply_headerf(&room->reply, "Retry-After", "%u", room->pause_s);
	reply_header(&room->reply, "Connection", "close");
}

static void
answer_data(struct room *room, struct parked *parked, const struct buf *data)
{
	struct seat *seat = park_extra(parked);
	struct request request;
	deferred_reply_begin(&seat->waiter.deferred, &request, &room->reply);
	add_pause(room);
	struct jsonw w = envelope_begin(&room->reply);
	jsonw_raw(&w, "data", buf_str(data));
	envelope_end(&w, &request, &room->reply, 200);
	send_reply(room, parked);
}

static void
answer_error(struct room *room, struct parked *parked, enum err_code code)
{
	struct seat *seat = park_extra(parked);
	struct request request;
	struct err err = err_of(code);
	deferred_reply_begin(&seat->waiter.deferred, &request, &room->reply);
	envelope_error(&request, &room->reply, &err, seat->waiter.deferred.lang);
	send_reply(room, parked);
}

/* ERR_OK where the waiter's token is still valid: the user may have logged out meanwhile, or been disabled.
 */
static enum err_code
check_token(struct room *room, const struct waiter *waiter, struct page_cache *cache)
{
	struct user user;
	if (!cache->asked || memcmp(cache->token, waiter->token, sizeof(cache->token)) != 0) {
		cache->right = account_of_hash(room->store, room->arena, waiter->token, &user);
		cache->asked = true;
		memcpy(cache->token, waiter->token, sizeof(cache->token));
	}
	return cache->right;
}

static void
answer_empty(struct room *room, struct parked *parked)
{
	const struct seat *seat = park_extra(parked);
	struct buf data;
	buf_init(&data, LIMIT_REPLY);
	page_write_empty(room->epoch, seat->waiter.place, &data);
	answer_data(room, parked, &data);
	buf_free(&data);
}

/* Answers a waiter for one video where its task has changed, or where its wait is over (`wait_over`). */
static void
answer_video(struct room *room, struct parked *parked, struct page_cache *cache, bool wait_over)
{
	struct seat *seat = park_extra(parked);
	struct waiter *waiter = &seat->waiter;
	struct task task;
	enum err_code err =
	    store_task_get(room->store, room->arena, waiter->user_id, waiter->video_id, &task);
	if (err == ERR_OK && !wait_over && task.rev <= waiter->place.one)
		return;
	enum err_code right = check_token(room, waiter, cache);
	if (right != ERR_OK)
		err = right;
	if (err != ERR_OK) {
		answer_error(room, parked, err);
		return;
	}
	struct request request;
	deferred_reply_begin(&waiter->deferred, &request, &room->reply);
	request.arena = room->arena;
	add_pause(room);
	openai_video_answer(&request, &room->reply, &task, room->config->currency);
	send_reply(room, parked);
}

/* Answers a waiter whose wait ends without a change. Resets the room's arena. */
static void
answer_end(struct room *room, struct parked *parked)
{
	const struct seat *seat = park_extra(parked);
	struct page_cache cache = {0};
	if (!seat->waiter.video) {
		answer_empty(room, parked);
		return;
	}
	answer_video(room, parked, &cache, true);
	arena_reset(room->arena);
}

static void
answer_early(struct room *room, struct parked *parked)
{
	room->early = true;
	answer_end(room, parked);
	room->early = false;
}

/* Answers the waiter if there are changes for it; else leaves it parked. */
static void
answer_changes(struct room *room, struct parked *parked, struct page_cache *cache)
{
	const struct waiter *waiter = &((const struct seat *)park_extra(parked))->waiter;
	struct page_query query = {.epoch = room->epoch,
	                           .user_id = waiter->user_id,
	                           .place = waiter->place,
	                           .links = waiter->links,
	                           .video_id = waiter->video_id};
	bool shared = waiter->video_id[0] == '\0';
	if (waiter->video) {
		answer_video(room, parked, cache, false);
		return;
	}
	if (!shared || !cache->valid || cache->rev != waiter->place.all || cache->links != waiter->links) {
		cache->valid = false;
		buf_clear(&cache->data);
		enum err_code err = page_write(room->store, room->arena, &query, &cache->data, &cache->empty);
		if (err != ERR_OK) {
			answer_error(room, parked, err);
			return;
		}
		cache->valid = shared;
		cache->rev = waiter->place.all;
		cache->links = waiter->links;
	}
	if (cache->empty)
		return;
	enum err_code err = check_token(room, waiter, cache);
	if (err != ERR_OK)
		answer_error(room, parked, err);
	else if (cache->data.len > LIMIT_ANSWER_HELD)
		answer_empty(room, parked); /* so it asks again, and is answered where that is counted */
	else
		answer_data(room, parked, &cache->data);
}

static void
answer_user(struct room *room, int64_t user_id)
{
	struct page_cache cache = {0};
	buf_init(&cache.data, LIMIT_REPLY);
	struct parked *next;
	for (struct parked *parked = park_oldest(room->park, (uint64_t)user_id); parked != NULL;
	     parked = next) {
		next = park_younger(parked);
		answer_changes(room, parked, &cache);
	}
	buf_free(&cache.data);
}

/* ---- what happens ---- */

/* Answers all waiters for whom something has changed since the last round. On failure `seen` stays, and the
 * next tick tries again. */
static void
round_of_changes(struct room *room)
{
	struct feed_change *changes;
	size_t count;
	store_snapshot(room->store); /* one for the whole round */
	enum err_code err = store_feed_changes(room->store, room->arena, room->seen, &changes, &count);
	if (err != ERR_OK) {
		log_error("cannot read changes: %s", err_word(err));
		room->version = -1;
	}
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		if (changes[i].rev > room->seen)
			room->seen = changes[i].rev;
		if (park_count(room->park, (uint64_t)changes[i].user_id) > 0)
			answer_user(room, changes[i].user_id);
	}
	store_snapshot_end(room->store);
	arena_reset(room->arena);
}

static void
on_bell(void *cookie, unsigned events)
{
	struct room *room = cookie;
	(void)events;
	store_listener_drain(room->listener);
	round_of_changes(room);
}

/* Finds waiters that have left. lighttpd (1.4.69, connection_set_fdevent_interest) watches for the end of a
 * connection only after it had to wait for a request on it. It misses the end of a client whose request came
 * with its connection, as on every new connection (TCP_DEFER_ACCEPT); the kernel knows. Behind a proxy the
 * kernel knows the proxy's connections only, and none is found. */
static void
find_left(struct room *room)
{
	uint32_t *marks =
	    park_total(room->park) > 0 ? arena_alloc(room->arena, LEFT_MOST * sizeof(*marks)) : NULL;
	size_t count = marks != NULL ? peer_half_closed(marks, LEFT_MOST) : 0;
	struct parked *parked = NULL;
	while (count > 0 && (parked = park_next(room->park, parked)) != NULL) {
		const struct seat *seat = park_extra(parked);
		if (peer_is_listed(marks, count, seat->waiter.deferred.peer))
			park_half_closed(parked);
	}
	arena_reset(room->arena);
}

/* Finds changes without a ring: of a writer that was killed after its commit, or of the sqlite3 shell. */
static void
on_tick(void *cookie)
{
	struct room *room = cookie;
	int64_t version;
	if (store_data_version(room->store, &version) == ERR_OK && version != room->version) {
		room->version = version;
		round_of_changes(room);
	}
	if (++room->ticks % LOOK_TICKS == 0)
		find_left(room);
	loop_timer_set(room->loop, &room->tick, clock_mono_ms() + TICK_MS);
}

static void
on_parked_end(struct parked *parked, void *cookie)
{
	answer_end(cookie, parked);
}

/* Takes in a waiter. It has seen all changes up to `looked`, and the next round finds those after `seen`:
 * only changes between the two, if any, are looked for now. */
static void
on_entry(void *cookie)
{
	struct parked *parked = cookie;
	struct seat *seat = park_extra(parked);
	struct room *room = seat->room;
	struct waiter *waiter = &seat->waiter;
	struct deferred_reply deferred = waiter->deferred;
	uint64_t key = (uint64_t)waiter->user_id;

	struct parked *leaver = NULL;
	if (park_count(room->park, key) >= (size_t)room->config->max_waiters_per_user)
		leaver = park_oldest(room->park, key);
	else if (park_total(room->park) >= room->max_waiters)
		leaver = park_crowded(room->park);
	if (leaver != NULL)
		answer_early(room, leaver);
	if (!park_enter(room->park, parked, deferred.conn, key, deferred.started_ms + waiter->wait_ms)) {
		log_error("a waiter was dropped, memory is short: request=%s", deferred.request_id);
		deferred_reply_done(&deferred);
		return;
	}
	if (room->stopping) {
		answer_end(room, parked);
	} else if (room->seen > waiter->looked) {
		struct page_cache cache = {0};
		buf_init(&cache.data, LIMIT_REPLY);
		answer_changes(room, parked, &cache);
		buf_free(&cache.data);
		arena_reset(room->arena);
	}
}

static uint16_t
port_of(const struct request *request, const char *name)
{
	const char *text = request_variable(request, name);
	return text != NULL ? (uint16_t)strtoul(text, NULL, 10) : 0;
}

bool
room_enter(struct room *room, struct call *call, const struct waiter *waiter)
{
	struct parked *parked = parked_new(sizeof(struct seat));
	if (parked == NULL)
		return false;
	struct seat *seat = park_extra(parked);
	*seat = (struct seat){.task = {.fn = on_entry, .cookie = parked}, .room = room, .waiter = *waiter};
	if (!deferred_reply_init(call, &seat->waiter.deferred)) {
		parked_free(parked);
		return false;
	}
	const struct request *request = call->request;
	seat->waiter.deferred.peer =
	    peer_mark(request->remote_addr, port_of(request, "REMOTE_PORT"), port_of(request, "SERVER_PORT"));
	loop_post(room->loop, &seat->task);
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
		answer_end(room, parked);
	loop_stop(room->loop);
}

/* The number of clients that may wait. Each takes a descriptor of this program, too. */
static size_t
waiters_of(const struct config *config)
{
	int64_t descriptors = machine_descriptors();
	int64_t connections = machine_connections(config->max_connections, machine_memory(), descriptors);
	int64_t most = machine_waiters(config->max_waiters, connections);
	if (most > descriptors - OWN_DESCRIPTORS)
		most = descriptors - OWN_DESCRIPTORS;
	return most > 1 ? (size_t)most : 1;
}

void *
room_open(const struct config *config, char *ret_why, size_t why_size)
{
	const char *what = "memory";
	struct room *room = calloc(1, sizeof(*room));
	if (room == NULL)
		goto failed;
	room->config = config;
	room->max_waiters = waiters_of(config);
	reply_init(&room->reply);
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
	what = "the bell"; /* opened before the first read, so that no ring is missed */
	room->listener = store_listen(config->data);
	room->bell.fd = store_listener_fd(room->listener);
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
	/* Finishes answers to slow readers. */
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
	store_listener_free(room->listener);
	loop_free(room->loop);
	arena_free(room->lasting);
	arena_free(room->arena);
	reply_done(&room->reply);
	free(room);
}
