/* The file of the authorities that servers' certificates are checked against. */
#ifndef UPSTREAM_HTTP_TRUST_H
#define UPSTREAM_HTTP_TRUST_H

#include <stddef.h>

/* Returns own where that file can be read, or else the first of known (ended by NULL) that can be; own, which
 * may be NULL, where none can. */
const char *trust_find(const char *own, const char *const *known);

/* Returns the file to use in place of libcurl's own, or NULL where libcurl's own is there. A libcurl that was
 * built on one system and runs on another looks in vain where the former keeps it. own is what libcurl has
 * built in (CURLINFO_CAINFO), or NULL. Looks once a process; of any thread. */
const char *trust_file(const char *own);

#endif
