/* Takes in an answer in JSON and leaves out the ends of its long strings, so that a video or an image inside
 * it, of many MiB, takes no memory: of such a string the first LIMIT_ANSWER_STRING bytes stay. What is no
 * JSON is taken in as it is, or likewise. Internal to this folder; belongs to one thread at a time. */
#ifndef UPSTREAM_HTTP_CUT_H
#define UPSTREAM_HTTP_CUT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* All zero at the beginning of an answer. */
struct cut {
	bool in_string, escaped;
	bool dropping; /* the string is too long */
	size_t begin;  /* where in the buffer its text begins */
};

/* Appends the next piece of the answer to `buf`. False where that cannot take it. */
bool cut_add(struct cut *cut, struct buf *buf, const char *bytes, size_t len);

#endif
