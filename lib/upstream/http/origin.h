/* Compares and reads the origin of URLs. */
#ifndef UPSTREAM_HTTP_ORIGIN_H
#define UPSTREAM_HTTP_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

/* True where both URLs have the same scheme, host and port (RFC 6454, section 5), as libcurl itself reads
 * them: the host that is compared is the host that is connected to. False where either is malformed or memory
 * is short. Thread-safe. */
bool origin_same(const char *url, const char *other);

/* Writes the host of `url`, for messages; "" where it has none that can be read. Thread-safe. */
void origin_host(const char *url, char *ret_host, size_t size);

#endif
