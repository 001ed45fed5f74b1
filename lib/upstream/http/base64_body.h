/* A body of text with a file in it, as base64: read piece by piece, so that many images on their way at once
 * take no memory. Internal to this folder; a blend belongs to one thread at a time. */
#ifndef UPSTREAM_HTTP_BASE64_BODY_H
#define UPSTREAM_HTTP_BASE64_BODY_H

#include <stddef.h>
#include <stdint.h>

struct base64_body;

/* Opens the file and copies the text; `gap` is where in the text the file goes. NULL when memory is short or
 * the file cannot be read. */
struct base64_body *base64_body_new(const char *text, size_t len, size_t gap, const char *path);

/* Closes it. NULL is fine. */
void base64_body_free(struct base64_body *base64_body);

/* The bytes of all of it. */
int64_t base64_body_size(const struct base64_body *base64_body);

/* Writes the next bytes, at most `room`, to `to`. 0 = the end; -1 = the file is no longer what it was. */
int64_t base64_body_read(struct base64_body *base64_body, char *to, size_t room);

/* Goes to a place; -1 where there is none. */
int base64_body_seek(struct base64_body *base64_body, int64_t at);

#endif
