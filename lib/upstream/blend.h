/* A body of text with a file in it, as base64: read piece by piece, so that many images on their way at once
 * take no memory. Internal to this folder; a blend belongs to one thread at a time. */
#ifndef UPSTREAM_BLEND_H
#define UPSTREAM_BLEND_H

#include <stddef.h>
#include <stdint.h>

struct blend;

/* Opens the file and copies the text; `gap` is where in the text the file goes. NULL when memory is short or
 * the file cannot be read. */
struct blend *blend_new(const char *text, size_t len, size_t gap, const char *path);

/* Closes it. NULL is fine. */
void blend_free(struct blend *blend);

/* The bytes of all of it. */
int64_t blend_size(const struct blend *blend);

/* Writes the next bytes, at most `room`, to `to`. 0 = the end; -1 = the file is no longer what it was. */
int64_t blend_read(struct blend *blend, char *to, size_t room);

/* Goes to a place; -1 where there is none. */
int blend_seek(struct blend *blend, int64_t at);

#endif
