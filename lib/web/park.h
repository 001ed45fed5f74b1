/* Waiting clients. A parked client costs one small struct, one descriptor and no thread: its connection is
 * taken out of libfcgi, whose buffers are freed, and the loop's thread writes the answer later as FastCGI
 * records. The park knows keys and deadlines only, not what a client waits for. All functions belong to the
 * loop's thread but where another is named. The program must ignore SIGPIPE. */
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

/* Reads the rest of the request's input, takes the connection out of it, and marks the reply detached. The
 * request's own data (arena, headers) stay valid until the handler returns. Call it in the request's thread.
 */
struct park_conn park_detach(struct request *request, struct reply *reply);

/* Makes a park on `loop`. `ended` is called when a client's deadline has passed, and when its connection has
 * been closed: answer the client then with park_answer(), or let it wait on, as with NULL for `ended`. A
 * connection that is closed on both sides is reported at once, one that is closed on the client's side after
 * ten seconds: such a client has left, as a rule, but may still be reading (RFC 9293, section 3.6), and a web
 * server takes a connection that ends without an answer for the end of the program. With plain CGI (id 0) a
 * half-closed connection means nothing. NULL when memory is short. */
struct park *park_new(struct loop *loop, void (*ended)(struct parked *parked, void *cookie), void *cookie);

/* Frees the park; clients that still wait are closed without an answer. NULL is fine. */
void park_free(struct park *park);

/* Makes a client to be parked, with `extra` zeroed bytes for the caller. NULL when memory is short. Any
 * thread. */
struct parked *parked_new(size_t extra);

/* Frees a client that was never parked. NULL is fine. Any thread. */
void parked_free(struct parked *parked);

/* Parks the client with its connection under `key` until `deadline_ms` (clock_mono_ms(); 0 = for ever). False
 * when memory is short: then the client is freed and the connection closed. */
bool park_enter(struct park *park, struct parked *parked, struct park_conn conn, uint64_t key,
                int64_t deadline_ms);

/* Does parked_new() and park_enter(). NULL when memory is short; the connection is then closed. */
struct parked *
park_add(struct park *park, struct park_conn conn, uint64_t key, int64_t deadline_ms, size_t extra);

/* Returns the caller's bytes. */
void *park_extra(struct parked *parked);

/* Returns the key that the client waits under. */
uint64_t park_key(const struct parked *parked);

/* Sends the reply and frees `parked`. What a slow client does not take at once stays in memory for up to 30
 * s, without a thread. */
void park_answer(struct park *park, struct parked *parked, const struct reply *reply);

/* Returns how many wait under `key`. O(1). */
size_t park_count(const struct park *park, uint64_t key);

/* Returns the client that has waited longest under `key`, or NULL. O(1). */
struct parked *park_oldest(const struct park *park, uint64_t key);

/* Returns the next younger client under the same key, or NULL. */
struct parked *park_younger(const struct parked *parked);

/* Returns the client that has waited longest under the key with the most clients, or NULL where none waits.
 * Of several such keys it is the one that has had so many for longest. O(1). */
struct parked *park_crowded(const struct park *park);

/* Treats the client as if its side of the connection had just been closed; see park_new(). */
void park_half_closed(struct parked *parked);

/* Returns the client that follows `parked` among those that wait or are written to, in no particular order;
 * the first for NULL; NULL at the end. */
struct parked *park_next(const struct park *park, const struct parked *parked);

/* Returns any client that waits, or NULL; for the answers of a shutdown. */
struct parked *park_any(const struct park *park);

/* Returns how many wait or are still being written to. */
size_t park_total(const struct park *park);

#endif
