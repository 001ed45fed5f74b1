/* The names that ask for nothing: what a request may say beside what its call knows, because no answer
 * depends on it. All other unknown names are refused by field.c. This is the only list of them. Thread-safe.
 */
#ifndef WEB_HARMLESS_H
#define WEB_HARMLESS_H

#include <stdbool.h>

/* True for a parameter of a query that caches, links and clients add by themselves. */
bool harmless_parameter(const char *name);

/* True for a member of a creation that says who asks, or, by its `value` as a form would have it, what a
 * creation does in any case. */
bool harmless_member(const char *name, const char *value);

#endif
