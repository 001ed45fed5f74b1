/* Which network addresses are public: the guard against requests that a hostile link would have us send
 * inside. Thread-safe. */
#ifndef UPSTREAM_HTTP_ADDRESS_H
#define UPSTREAM_HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* True for an IPv4 or IPv6 address that IANA's special-purpose registries (RFC 6890 and its updates) leave to
 * global unicast, but for those where a cloud answers from inside; IPv4 inside IPv6 (mapped, 6to4, NAT64) is
 * judged by the IPv4 address. */
bool address_is_public(const struct sockaddr *address);

struct ifaddrs;

/* Whether the address is one of the list of getifaddrs(3); IPv4 inside IPv6 is that IPv4 address. */
bool address_is_among(const struct sockaddr *address, const struct ifaddrs *list);

/* Whether a stranger's link may lead there: a public address, and none of this machine's own as its
 * interfaces have them by now (to a few seconds). The address that a router has in its place cannot be known.
 */
bool address_may_be_asked(const struct sockaddr *address);

#endif
