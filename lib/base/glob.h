/* Lists of patterns, separated by blanks or commas: `*` stands for any characters, all else for itself. Pure
 * functions, thread-safe. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

/* True where the whole text matches a pattern of the list; an empty list has none. Takes time in proportion
 * to both lengths. */
bool glob_listed(const char *list, const char *text);

#endif
