/* Waiting clients. A parked client costs one small struct, one descriptor and no thread: the request is taken
 * out of libfcgi (its buffers freed), and the answer is written later as FastCGI records by the loop's
 * thread. Knows keys and deadlines only, not what anybody waits for. Everything but park_detach() belongs to
 * the loop's thread. The program must ignore SIGPIPE. */
#ifndef WEB_PARK_H
#define WEB_PARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/conn.h"

struct loop;
struct park;
struct parked;
struct reply;
struct request;

/* Reads what is left of the request's input and takes the connection out of it; marks the reply detached. The
 * request's own data (arena, headers) stay valid until the handler returns. The request's thread. */
struct park_conn park_detach(struct request *request, struct reply *reply);

/* A room on `loop`. `ended` is called when a client's deadline comes, and when its side of the connection has
 * been closed: answer it then with park_answer(), or let it wait on, as with NULL for `ended`. That is told
 * at once of a connection that is closed on both sides, and ten seconds after one was closed on the client's:
 * such a client has left, as a rule, but may still be reading (RFC 9293, section 3.6), and a web server takes
 * a connection that ends without an answer for the end of the program. With plain CGI (id 0) a half-closed
 * connection means nothing. NULL when memory is short. */
struct park *park_new(struct loop *loop, void (*ended)(struct parked *parked, void *cookie), void *cookie);

/* Frees the room; who is left is closed without an answer. NULL is fine. */
void park_free(struct park *park);

/* A client that is to be parked, with `extra` zeroed bytes for the caller. NULL when memory is short. Any
 * thread. */
struct parked *parked_new(size_t extra);

/* Frees one that was never parked. NULL is fine. Any thread. */
void parked_free(struct parked *parked);

/* Parks it with its connection under `key` until `deadline_ms` (clock_mono_ms; 0 = for ever). False when
 * memory is short: then it is freed, and the connection closed. */
bool park_enter(struct park *park, struct parked *parked, struct park_conn conn, uint64_t key,
                int64_t deadline_ms);

/* parked_new() and park_enter() in one. NULL when memory is short; the connection is then closed. */
struct parked *
park_add(struct park *park, struct park_conn conn, uint64_t key, int64_t deadline_ms, size_t extra);

/* The caller's bytes. */
void *park_extra(struct parked *parked);

/* The key it waits under. */
uint64_t park_key(const struct parked *parked);

/* Sends the reply and frees `parked`. A client that cannot take it all at once is waited for up to 30 s
 * without a thread, with the rest held in memory. */
void park_answer(struct park *park, struct parked *parked, const struct reply *reply);

/* How many wait under `key`. O(1). */
size_t park_count(const struct park *park, uint64_t key);

/* The one that has waited longest under `key`, or NULL. O(1). */
struct parked *park_oldest(const struct park *park, uint64_t key);

/* The next younger one under the same key, or NULL. */
struct parked *park_younger(const struct parked *parked);

/* The one that has waited longest under the key with the most, or NULL where nobody waits; among keys with as
 * many, under the one that has had so many for longest. O(1). */
struct parked *park_crowded(const struct park *park);

/* As if its client had been heard to close its side. */
void park_half_closed(struct parked *parked);

/* The one that waits, or is written to, after `parked` in no order that means anything; the first for NULL;
 * NULL at the end. */
struct parked *park_next(const struct park *park, const struct parked *parked);

/* Any one that waits, or NULL; for the answers of a shutdown. */
struct parked *park_any(const struct park *park);

/* How many wait or are still being written to. */
size_t park_total(const struct park *park);

#endif
