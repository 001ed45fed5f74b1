/* Memory by lifetime: everything that belongs to one request, or to one batch of the poller,
 * comes from one arena and goes with it. What outlives it is copied out by a verb that says so.
 * An arena belongs to one thread at a time. May include: nothing of ours. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new, empty arena, or NULL when memory is short. It takes no block before the first allocation. */
struct arena *arena_new(void);

/* Runs what was deferred, newest first, and gives every block back. NULL is fine. */
void arena_free(struct arena *arena);

/* Empties the arena for reuse: runs what was deferred, keeps the first block. */
void arena_reset(struct arena *arena);

/* `size` zeroed bytes, aligned for any type, valid until reset or free; NULL when memory is short
 * (then arena_failed() stays true until reset). */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of the string `s`; NULL gives NULL, and so does a shortage of memory. */
char *arena_strdup(struct arena *arena, const char *s);

/* A NUL-terminated copy of the `len` bytes at `s`. NULL when memory is short. */
char *arena_strndup(struct arena *arena, const char *s, size_t len);

/* A formatted string. NULL when memory is short. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls fn(cookie) when the arena is reset or freed. False when memory is short; then `fn` has
 * been called already, so that nothing leaks. */
bool arena_defer(struct arena *arena, void (*fn)(void *cookie), void *cookie);

/* True when any allocation since the last reset found no memory. */
bool arena_failed(const struct arena *arena);

#endif
