/* Memory by lifetime: everything that belongs to one request, or to one batch of the poller, is allocated
 * from one arena and freed with it, never by itself. An arena belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Makes an empty arena, or returns NULL when memory is short. It takes no block before the first allocation.
 */
struct arena *arena_new(void);

/* Runs the deferred calls, newest first, and frees everything. NULL is fine. */
void arena_free(struct arena *arena);

/* Empties the arena for reuse: runs the deferred calls, newest first, and keeps the first block. */
void arena_reset(struct arena *arena);

/* Allocates `size` zeroed bytes, aligned for any type, valid until reset or free. NULL when memory is short;
 * arena_failed() is then true until the next reset. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies the string `s`. NULL when memory is short, or `s` is NULL. */
char *arena_strdup(struct arena *arena, const char *s);

/* Copies `len` bytes and adds a NUL. NULL when memory is short. */
char *arena_strndup(struct arena *arena, const char *s, size_t len);

/* Makes a formatted string. NULL when memory is short. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls fn(cookie) when the arena is reset or freed. False when memory is short; then `fn` has
 * been called already, so that nothing leaks. */
bool arena_defer(struct arena *arena, void (*fn)(void *cookie), void *cookie);

/* True when any allocation since the last reset found no memory. */
bool arena_failed(const struct arena *arena);

#endif
