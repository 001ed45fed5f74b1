/* Changes the text of a configuration, and leaves all else in it as it is, comments above all. Pure
 * functions, thread-safe. */
#ifndef BASE_CONFIG_EDIT_H
#define BASE_CONFIG_EDIT_H

#include <stdbool.h>

struct buf;

/* Appends `text` to `out` with the line `key = value`: in place of the line that sets the key, else behind
 * the line "# key = …" that shows it, else at the end. The value must be one that config_load() takes,
 * without a # behind a blank. False when memory is short, or out's ceiling is reached. */
bool config_edit(const char *text, const char *key, const char *value, struct buf *out);

#endif
