/* A growing byte buffer with a ceiling that is set when it is made. Failures stick: append freely, then check
 * `failed` once at the end. A buffer belongs to one thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct buf {
	char *data;  /* NUL-terminated whenever it is not NULL; the NUL is not counted */
	size_t len;  /* bytes used */
	size_t cap;  /* bytes allocated */
	size_t max;  /* bytes that `len` never exceeds */
	bool full;   /* an append would have exceeded `max` */
	bool failed; /* an append was dropped: it did not fit (`full`), or memory was short */
};

/* Makes an empty buffer that never holds more than `max` bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Makes one that lives in the arena, and is freed with it. NULL when memory is short. */
struct buf *buf_in_arena(struct arena *arena, size_t max);

/* Frees the bytes and leaves an empty buffer with the same ceiling. */
void buf_free(struct buf *buf);

/* Empties the buffer, keeps its memory, forgets failures. */
void buf_clear(struct buf *buf);

/* Appends `len` bytes: all, or none and returns false. Every later append then fails, too, until
 * buf_clear(). */
bool buf_add(struct buf *buf, const void *bytes, size_t len);

/* Appends one byte, as buf_add(). */
bool buf_addc(struct buf *buf, char c);

/* Appends a NUL-terminated string, as buf_add(). */
bool buf_adds(struct buf *buf, const char *s);

/* Appends formatted text, as buf_add(). */
bool buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `len` bytes without a value and returns where the caller must write them, before any other call.
 * NULL where buf_add() would return false. */
char *buf_room(struct buf *buf, size_t len);

/* Removes the first `len` bytes (all of them where there are fewer). */
void buf_drop(struct buf *buf, size_t len);

/* Returns the contents as a string, "" when empty. Valid until the next append. */
const char *buf_str(const struct buf *buf);

#endif
