/* Tells which network addresses are public, so that a hostile link cannot make this server send requests into
 * its own network. Thread-safe. */
#ifndef UPSTREAM_HTTP_ADDRESS_H
#define UPSTREAM_HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* True for an IPv4 or IPv6 address that IANA's special-purpose registries (RFC 6890 and its updates) leave to
 * global unicast, but for those where a cloud answers from inside; IPv4 inside IPv6 (mapped, 6to4, NAT64) is
 * judged by the IPv4 address. */
bool address_is_public(const struct sockaddr *address);

struct ifaddrs;

/* True where the address is in the list of getifaddrs(3); IPv4 inside IPv6 counts as that IPv4 address. */
bool address_is_among(const struct sockaddr *address, const struct ifaddrs *list);

/* True where a link from outside may lead to the address: it is public, and none of this machine's own, as
 * its interfaces have had them in the last seconds. An address that a router translates to us cannot be
 * known. */
bool address_may_be_asked(const struct sockaddr *address);

#endif
