/* Lists of addresses and networks (192.0.2.7, 10.0.0.0/8, fd00::/8), separated by blanks or commas. Pure
 * functions, thread-safe. */
#ifndef BASE_NETWORKS_H
#define BASE_NETWORKS_H

#include <stdbool.h>

/* True where each entry of the list is an address or a network; an empty list is fine. */
bool networks_valid(const char *list);

/* True where the address is one of the list, or in one of its networks; a mapped IPv4 address
 * (::ffff:10.0.0.1) counts as that IPv4 address. Entries that are none hold nothing. False for text that is
 * no address. */
bool networks_hold(const char *list, const char *address);

#endif
