/* The body of a request: a text with files in it as base64. It is read piece by piece while it is sent, so
 * that many images on their way at once take no memory. Internal to this folder; belongs to one thread at a
 * time. */
#ifndef UPSTREAM_HTTP_BASE64_BODY_H
#define UPSTREAM_HTTP_BASE64_BODY_H

#include <stddef.h>
#include <stdint.h>

struct base64_body;
struct http_insert;

/* Opens the files and copies the text. NULL when memory is short or a file cannot be read. */
struct base64_body *
base64_body_new(const char *text, size_t len, const struct http_insert *inserts, size_t count);

/* Closes it. NULL is fine. */
void base64_body_free(struct base64_body *body);

/* Returns the size of the whole body in bytes. */
int64_t base64_body_size(const struct base64_body *body);

/* Reads the next bytes, at most `room`, and returns their number. 0 = the end; -1 = a file has become
 * shorter. */
int64_t base64_body_read(struct base64_body *body, char *to, size_t room);

/* Moves to the offset `at`. 0, or -1 where there is none. */
int base64_body_seek(struct base64_body *body, int64_t at);

#endif
