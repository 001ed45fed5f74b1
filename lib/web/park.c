/* Waiting clients. Each is a node in three places at once: the line of its key (oldest first; the lines are
 * in a hash), the timers of the loop, and the loop's watches. Lines of the same length are in one list, so
 * that the longest is found without a search. After the answer a node lives on only while a slow client takes
 * it. */
#include "web/park.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/loop.h"
#include "web/fcgi.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/transport.h"

enum {
	FIRST_SLOTS = 64,
	FIRST_RANKS = 16,
	WRITE_MS = 30000,
	HALF_CLOSED_MS = 10000,
	FRAMING = 64 * 1024,
	SCRATCH = 64 * 1024
};

/* The clients that wait under one key. */
struct line {
	struct line *next; /* in the same slot */
	uint64_t key;
	size_t count;
	struct parked *oldest, *youngest;
	struct line *ahead, *behind; /* in the rank */
};
static_assert(sizeof(struct line) <= 56, "each waiting user costs a line");

/* The lines of one length, in the order in which they reached it. */
struct rank {
	struct line *first, *last;
};

struct parked {
	struct park *park;
	struct line *line;              /* NULL once it is being answered */
	struct parked *older, *younger; /* in the line */
	struct parked *before, *after;  /* among all, waiting or written to */
	struct loop_watch watch;
	struct loop_timer timer;
	struct buf *pending; /* what a slow client has not taken yet */
	uint16_t id;
	bool watched;
	max_align_t extra[];
};
static_assert(sizeof(struct parked) <= 128, "a waiting client stays small");

struct park {
	struct loop *loop;
	void (*ended)(struct parked *parked, void *cookie);
	void *cookie;
	struct line **slots;
	size_t slot_count, line_count, total;
	struct rank *ranks; /* by length */
	size_t rank_count, longest;
	struct parked *all;
	struct buf plain, framed; /* the current answer: most are written at once and need no memory */
};

/* ---- lines ---- */

static struct line **
slot_of(const struct park *park, uint64_t key)
{
	uint64_t hash = key * 0x9e3779b97f4a7c15u; /* Fibonacci hashing: user ids are small and in a row */
	return &park->slots[(hash >> 32) & (park->slot_count - 1)];
}

static struct line *
line_find(const struct park *park, uint64_t key)
{
	struct line *line = *slot_of(park, key);
	while (line != NULL && line->key != key)
		line = line->next;
	return line;
}

static void
grow_slots(struct park *park)
{
	struct line **old = park->slots;
	size_t old_count = park->slot_count;
	struct line **slots = calloc(old_count * 2, sizeof(struct line *));
	if (slots == NULL)
		return; /* the chains become longer, nothing worse */
	park->slots = slots;
	park->slot_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		struct line *next;
		for (struct line *line = old[i]; line != NULL; line = next) {
			struct line **slot = slot_of(park, line->key);
			next = line->next;
			line->next = *slot;
			*slot = line;
		}
	}
	free(old);
}

static struct line *
line_make(struct park *park, uint64_t key)
{
	struct line *line = line_find(park, key);
	if (line != NULL)
		return line;
	line = calloc(1, sizeof(*line));
	if (line == NULL)
		return NULL;
	if (park->line_count >= park->slot_count)
		grow_slots(park);
	struct line **slot = slot_of(park, key);
	line->key = key;
	line->next = *slot;
	*slot = line;
	park->line_count++;
	return line;
}

static void
line_drop_if_empty(struct park *park, struct line *line)
{
	if (line->count > 0)
		return;
	struct line **at = slot_of(park, line->key);
	while (*at != line)
		at = &(*at)->next;
	*at = line->next;
	park->line_count--;
	free(line);
}

/* Makes room for the rank of lines of this length. False when memory is short. */
static bool
grow_ranks(struct park *park, size_t count)
{
	size_t wanted = park->rank_count > 0 ? park->rank_count : FIRST_RANKS;
	while (wanted <= count)
		wanted *= 2;
	if (wanted == park->rank_count)
		return true;
	struct rank *ranks = realloc(park->ranks, wanted * sizeof(*ranks));
	if (ranks == NULL)
		return false;
	memset(ranks + park->rank_count, 0, (wanted - park->rank_count) * sizeof(*ranks));
	park->ranks = ranks;
	park->rank_count = wanted;
	return true;
}

/* Moves the line to the rank of its new length, for which there must be room. An empty line has no rank. */
static void
line_set_count(struct park *park, struct line *line, size_t count)
{
	struct rank *from = &park->ranks[line->count], *to = &park->ranks[count];
	if (line->count > 0) {
		*(line->ahead != NULL ? &line->ahead->behind : &from->first) = line->behind;
		*(line->behind != NULL ? &line->behind->ahead : &from->last) = line->ahead;
	}
	line->count = count;
	line->ahead = line->behind = NULL;
	if (count > 0) {
		line->ahead = to->last;
		*(to->last != NULL ? &to->last->behind : &to->first) = line;
		to->last = line;
	}
	if (count > park->longest)
		park->longest = count;
	while (park->longest > 0 && park->ranks[park->longest].first == NULL)
		park->longest--;
}

static void
leave_line(struct parked *parked)
{
	struct line *line = parked->line;
	if (line == NULL)
		return;
	*(parked->older != NULL ? &parked->older->younger : &line->oldest) = parked->younger;
	*(parked->younger != NULL ? &parked->younger->older : &line->youngest) = parked->older;
	line_set_count(parked->park, line, line->count - 1);
	parked->line = NULL;
	line_drop_if_empty(parked->park, line);
}

/* ---- life of a node ---- */

struct parked *
parked_new(size_t extra)
{
	return calloc(1, sizeof(struct parked) + extra);
}

void
parked_free(struct parked *parked)
{
	free(parked);
}

/* Removes a client from everywhere, closes its connection and frees it. */
static void
remove_client(struct parked *parked)
{
	struct park *park = parked->park;
	leave_line(parked);
	loop_timer_cancel(park->loop, &parked->timer);
	if (parked->watched)
		loop_forget(park->loop, &parked->watch);
	close(parked->watch.fd);
	*(parked->before != NULL ? &parked->before->after : &park->all) = parked->after;
	if (parked->after != NULL)
		parked->after->before = parked->before;
	park->total--;
	if (parked->pending != NULL)
		buf_free(parked->pending);
	free(parked->pending);
	parked_free(parked);
}

static void
on_timer(void *cookie)
{
	struct parked *parked = cookie;
	if (parked->pending != NULL)
		remove_client(parked);
	else if (parked->park->ended != NULL)
		parked->park->ended(parked, parked->park->cookie);
}

static bool write_some(int fd, struct buf *bytes);

/* Lets a client that has closed its side wait on for a little; where memory is short, as if nothing had
 * happened. */
static void
on_half_close(struct parked *parked)
{
	struct loop *loop = parked->park->loop;
	int64_t end = clock_mono_ms() + HALF_CLOSED_MS;
	loop_change(loop, &parked->watch, LOOP_GONE);
	if (parked->timer.node.index == 0 || parked->timer.node.key > end)
		loop_timer_set(loop, &parked->timer, end);
}

static void
on_events(void *cookie, unsigned events)
{
	struct parked *parked = cookie;
	if (parked->pending != NULL) {
		if ((events & LOOP_GONE) != 0 || !write_some(parked->watch.fd, parked->pending) ||
		    parked->pending->len == 0)
			remove_client(parked);
		return;
	}
	if ((events & LOOP_GONE) != 0) {
		loop_remove(parked->park->loop, &parked->watch); /* the event would come again and again */
		parked->watched = false;
		if (parked->park->ended != NULL)
			parked->park->ended(parked, parked->park->cookie);
	} else if ((events & LOOP_HANGUP) != 0) {
		on_half_close(parked);
	}
}

static void
attach_client(struct park *park, struct parked *parked, struct park_conn conn)
{
	int flags = fcntl(conn.fd, F_GETFL);
	if (flags >= 0)
		fcntl(conn.fd, F_SETFL, flags | O_NONBLOCK);
	parked->park = park;
	parked->id = conn.id;
	parked->watch = (struct loop_watch){.fd = conn.fd, .fn = on_events, .cookie = parked};
	parked->timer = (struct loop_timer){.fn = on_timer, .cookie = parked};
	parked->after = park->all;
	if (park->all != NULL)
		park->all->before = parked;
	park->all = parked;
	park->total++;
	/* Apache's mod_cgid closes its side of each CGI program's socket when the body has been sent, whether
	 * its client has left or not. A plain file as standard output of a CGI program cannot be watched; it
	 * never hangs up either. */
	parked->watched = loop_add(park->loop, &parked->watch, conn.id == 0 ? LOOP_GONE : 0);
}

struct park_conn
park_detach(struct request *request, struct reply *reply)
{
	request_drain(request);
	reply->detached = true;
	return request->transport->detach(request->transport);
}

bool
park_enter(struct park *park, struct parked *parked, struct park_conn conn, uint64_t key, int64_t deadline_ms)
{
	attach_client(park, parked, conn);
	struct line *line = line_make(park, key);
	if (line == NULL || !grow_ranks(park, line->count + 1) ||
	    (deadline_ms != 0 && !loop_timer_set(park->loop, &parked->timer, deadline_ms))) {
		if (line != NULL)
			line_drop_if_empty(park, line);
		remove_client(parked);
		return false;
	}
	parked->line = line;
	parked->older = line->youngest;
	*(line->youngest != NULL ? &line->youngest->younger : &line->oldest) = parked;
	line->youngest = parked;
	line_set_count(park, line, line->count + 1);
	return true;
}

struct parked *
park_add(struct park *park, struct park_conn conn, uint64_t key, int64_t deadline_ms, size_t extra)
{
	struct parked *parked = parked_new(extra);
	if (parked == NULL)
		close(conn.fd);
	return parked != NULL && park_enter(park, parked, conn, key, deadline_ms) ? parked : NULL;
}

/* ---- answering ---- */

/* Writes what can be written now. False where the client is gone. */
static bool
write_some(int fd, struct buf *bytes)
{
	size_t done = 0;
	while (done < bytes->len) {
		ssize_t n = write(fd, bytes->data + done, bytes->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	buf_drop(bytes, done);
	return true;
}

/* Writes the reply into park->framed. False for an incomplete one: the web server then answers 500 by itself.
 */
static bool
frame_reply(struct park *park, const struct reply *reply, uint16_t id)
{
	buf_clear(&park->plain);
	buf_clear(&park->framed);
	if (id == 0)
		return reply_write(reply, &park->framed);
	return reply_write(reply, &park->plain) &&
	       fcgi_frame(&park->framed, id, park->plain.data, park->plain.len);
}

/* Keeps the rest of the answer until the client takes it. */
static bool
keep_rest(struct park *park, struct parked *parked)
{
	if (!parked->watched)
		return false;
	parked->pending = calloc(1, sizeof(*parked->pending));
	if (parked->pending == NULL)
		return false;
	*parked->pending = park->framed;
	buf_init(&park->framed, park->framed.max);
	return loop_change(park->loop, &parked->watch, LOOP_WRITE | LOOP_GONE) &&
	       loop_timer_set(park->loop, &parked->timer, clock_mono_ms() + WRITE_MS);
}

/* Frees the memory of a large answer. */
static void
trim_scratch(struct buf *scratch)
{
	if (scratch->cap > SCRATCH)
		buf_free(scratch);
}

void
park_answer(struct park *park, struct parked *parked, const struct reply *reply)
{
	leave_line(parked);
	loop_timer_cancel(park->loop, &parked->timer);
	if (!frame_reply(park, reply, parked->id) || !write_some(parked->watch.fd, &park->framed) ||
	    park->framed.len == 0 || !keep_rest(park, parked))
		remove_client(parked);
	trim_scratch(&park->plain);
	trim_scratch(&park->framed);
}

/* ---- the park ---- */

struct park *
park_new(struct loop *loop, void (*ended)(struct parked *parked, void *cookie), void *cookie)
{
	struct park *park = calloc(1, sizeof(*park));
	if (park == NULL)
		return NULL;
	*park = (struct park){.loop = loop, .ended = ended, .cookie = cookie, .slot_count = FIRST_SLOTS};
	park->slots = calloc(FIRST_SLOTS, sizeof(struct line *));
	if (park->slots == NULL) {
		free(park);
		return NULL;
	}
	buf_init(&park->plain, LIMIT_REPLY + FRAMING);
	buf_init(&park->framed, LIMIT_REPLY + 2 * FRAMING);
	return park;
}

void
park_free(struct park *park)
{
	if (park == NULL)
		return;
	while (park->all != NULL)
		remove_client(park->all);
	buf_free(&park->plain);
	buf_free(&park->framed);
	free(park->ranks);
	free(park->slots);
	free(park);
}

void *
park_extra(struct parked *parked)
{
	return parked->extra;
}

uint64_t
park_key(const struct parked *parked)
{
	return parked->line->key;
}

size_t
park_count(const struct park *park, uint64_t key)
{
	const struct line *line = line_find(park, key);
	return line != NULL ? line->count : 0;
}

struct parked *
park_oldest(const struct park *park, uint64_t key)
{
	const struct line *line = line_find(park, key);
	return line != NULL ? line->oldest : NULL;
}

struct parked *
park_younger(const struct parked *parked)
{
	return parked->younger;
}

struct parked *
park_crowded(const struct park *park)
{
	return park->longest > 0 ? park->ranks[park->longest].first->oldest : NULL;
}

void
park_half_closed(struct parked *parked)
{
	if (parked->line != NULL && parked->watched)
		on_half_close(parked);
}

struct parked *
park_next(const struct park *park, const struct parked *parked)
{
	return parked != NULL ? parked->after : park->all;
}

struct parked *
park_any(const struct park *park)
{
	struct parked *parked = park->all;
	while (parked != NULL && parked->line == NULL)
		parked = parked->after;
	return parked;
}

size_t
park_total(const struct park *park)
{
	return park->total;
}
