/* How many requests were refused, by the word of the error: counted in one file by all programs, which need
 * not run at the same time. Rows are found by their words, so that a newer program counts on. Thread-safe. */
#ifndef BASE_REFUSALS_H
#define BASE_REFUSALS_H

#include <stdint.h>

#include "base/err.h"

/* Counts from now on in that file, which is made at the first refusal. Call it before there are threads; the
 * path is copied. */
void refusals_share(const char *path);

/* Counts one more. Without a trace where there is no file, or it cannot be written. */
void refusals_add(enum err_code code);

/* Reads the counts; codes of one word have one count. 0 where there is none, or it cannot be read. */
void refusals_read(uint64_t ret_counts[ERR__MAX]);

#endif
