/* The ranges that are not public, as two tables. IPv4 lists what is excluded; IPv6 the other way round: only
 * 2000::/3 is handed out for global unicast, so whatever lies outside it is refused without being named.
 * Blocks with exceptions inside them (192.0.0.0/24, 2001::/23) are refused whole: no video lives there. */
#include "upstream/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range4 {
	uint32_t net;
	int bits;
};

static const struct range4 special4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8: this network */
    {0x0a000000, 8},  /* 10.0.0.0/8: private */
    {0x64400000, 10}, /* 100.64.0.0/10: shared, carrier-grade NAT (RFC 6598) */
    {0x7f000000, 8},  /* 127.0.0.0/8: loopback */
    {0xa9fe0000, 16}, /* 169.254.0.0/16: link-local, cloud metadata */
    {0xac100000, 12}, /* 172.16.0.0/12: private */
    {0xc0000000, 24}, /* 192.0.0.0/24: IETF protocol assignments */
    {0xc0000200, 24}, /* 192.0.2.0/24: documentation */
    {0xc0586300, 24}, /* 192.88.99.0/24: 6to4 relays, withdrawn (RFC 7526) */
    {0xc0a80000, 16}, /* 192.168.0.0/16: private */
    {0xc6120000, 15}, /* 198.18.0.0/15: benchmarks */
    {0xc6336400, 24}, /* 198.51.100.0/24: documentation */
    {0xcb007100, 24}, /* 203.0.113.0/24: documentation */
    {0xe0000000, 4},  /* 224.0.0.0/4: multicast */
    {0xf0000000, 4},  /* 240.0.0.0/4: reserved, broadcast */
};

struct range6 {
	uint8_t net[4]; /* none is longer than 32 bits */
	int bits;
};

static const struct range6 special6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* 2001::/23: IETF protocol assignments, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* 2001:db8::/32: documentation */
    {{0x3f, 0xff, 0x00, 0x00}, 20}, /* 3fff::/20: documentation (RFC 9637) */
};

static uint32_t
read32(const uint8_t bytes[4])
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool
within(uint32_t address, uint32_t net, int bits)
{
	return (address ^ net) >> (32 - bits) == 0;
}

static bool
public4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++)
		if (within(address, special4[i].net, special4[i].bits))
			return false;
	return true;
}

static bool
public6(const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};

	if (memcmp(address, mapped, 12) == 0 || memcmp(address, nat64, 12) == 0)
		return public4(read32(address + 12));
	if (address[0] == 0x20 && address[1] == 0x02) /* 6to4 (RFC 3056): the IPv4 address follows */
		return public4(read32(address + 2));
	if ((address[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++)
		if (within(read32(address), read32(special6[i].net), special6[i].bits))
			return false;
	return true;
}

bool
address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof(in));
		return public4(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof(in6));
		return public6(in6.sin6_addr.s6_addr);
	}
	return false;
}
