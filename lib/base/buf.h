/* A growing byte buffer with a named ceiling: it cannot be made without its maximum.
 * Errors stick: append freely, then ask once. A buffer belongs to one thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;  /* NUL-terminated whenever it is not NULL; the NUL is not counted */
	size_t len;  /* bytes used */
	size_t cap;  /* bytes allocated */
	size_t max;  /* bytes that `len` never exceeds */
	bool full;   /* an append met `max` */
	bool failed; /* an append was dropped, for want of room (`full`) or of memory */
};

/* Makes an empty buffer that never holds more than `max` bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Frees the bytes and leaves an empty buffer with the same ceiling. */
void buf_free(struct buf *buf);

/* Empties the buffer, keeps its memory, forgets failures. */
void buf_clear(struct buf *buf);

/* Appends `len` bytes. False, and nothing of it appended, when it does not fit; every later append
 * then fails too, until buf_clear(). */
bool buf_add(struct buf *buf, const void *bytes, size_t len);

/* Appends one byte. As buf_add(). */
bool buf_addc(struct buf *buf, char c);

/* Appends a NUL-terminated string. As buf_add(). */
bool buf_adds(struct buf *buf, const char *s);

/* Appends formatted text. As buf_add(). */
bool buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `len` bytes that the caller writes to the place returned, before anything else is done with the
 * buffer. NULL as buf_add() is false. */
char *buf_room(struct buf *buf, size_t len);

/* Drops the first `len` bytes (all of them where there are fewer). */
void buf_drop(struct buf *buf, size_t len);

/* The contents as a string, "" when empty. Valid until the next append. */
const char *buf_str(const struct buf *buf);

#endif
