/* What the database must know of the machine's starts. Internal to this folder. */
#ifndef STORE_SQLITE_BOOT_H
#define STORE_SQLITE_BOOT_H

#include "base/err.h"

struct store;

/* Notes the machine's start, where the database does not know of it yet, and lets its revisions go on from
 * far ahead. The store's errors. */
enum err_code boot_note(struct store *store);

#endif
