/* Finds the lines of a profile, for messages. Internal to this folder. Thread-safe. */
#ifndef UPSTREAM_DIALECT_LINE_H
#define UPSTREAM_DIALECT_LINE_H

#include <stddef.h>

/* Returns the line, from 1, in which the key with that path ("submit.fields.size", "offers.0.name") stands in
 * the JSON; where it does not, that of the last key on the way to it. */
size_t line_of_key(const char *json, size_t len, const char *path);

/* Returns the first name that an object in the JSON has twice, where it stands the second time: a string with
 * its quotes, of *ret_len bytes. NULL where there is none. */
const char *line_of_double(const char *json, size_t len, size_t *ret_len);

/* Returns the line of the byte at an offset. */
size_t line_of_byte(const char *json, size_t at);

#endif
