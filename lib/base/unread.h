/* The answers that the web server holds, in memory and in files, because their clients have not read them
 * yet: of each of many keys, such as users, so many bytes and no more. The web server does not tell; the
 * kernel does, of the client's connection (peer.h), and is asked where it matters only. A fixed size.
 * Thread-safe. */
#ifndef BASE_UNREAD_H
#define BASE_UNREAD_H

#include <stdbool.h>
#include <stdint.h>

struct peer;
struct unread;

/* Makes one that lets each key have `most` bytes. NULL when memory is short. */
struct unread *unread_new(int64_t most);

/* NULL is fine. */
void unread_free(struct unread *unread);

/* Notes an answer of so many bytes to this connection, whose earlier ones have been read. False, and nothing
 * is noted, where the key would have more than it may; one answer of any size it may always have. Where
 * others have taken all places an answer is not noted. now_ms: clock_mono_ms(). */
bool unread_add(struct unread *unread, int64_t key, int64_t bytes, const struct peer *peer, int64_t now_ms);

#endif
