/* root does not act as root on an instance, but as the user that the instance belongs to: what it makes, that
 * user can use, and what it cannot read, that user cannot. */
#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include <stdbool.h>

/* Whether this is root, and the data directory there is another user's. */
bool owner_differs(const char *data);

/* Becomes the owner of the data directory for good where owner_differs(), with the groups of that user.
 * False, after a message, where that fails: nothing may be done then. */
bool owner_become(const char *data);

#endif
