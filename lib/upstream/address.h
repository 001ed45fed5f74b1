/* Which network addresses are public: the guard against requests that a hostile link would have us send
 * inside. Thread-safe. */
#ifndef UPSTREAM_ADDRESS_H
#define UPSTREAM_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* True for an IPv4 or IPv6 address that IANA's special-purpose registries (RFC 6890 and its updates) leave to
 * global unicast; IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged by the IPv4 address. */
bool address_is_public(const struct sockaddr *address);

#endif
