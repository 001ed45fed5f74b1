/* The names that a call ignores although it does not know them, because no answer depends on them. field.c
 * refuses all others. This is the only list of them. Thread-safe. */
#ifndef WEB_HARMLESS_H
#define WEB_HARMLESS_H

#include <stdbool.h>

/* True for a query parameter that caches, links and clients add by themselves. */
bool harmless_parameter(const char *name);

/* True for a member of a creation that only names the end user, or whose `value` (as in a form) asks for what
 * a creation does in any case. */
bool harmless_member(const char *name, const char *value);

#endif
