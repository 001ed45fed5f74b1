/* The ranges that are not public, as two tables. IPv4 lists what is excluded; IPv6 the other way round: only
 * 2000::/3 is handed out for global unicast, so whatever lies outside it is refused without being named.
 * Blocks with exceptions inside them (192.0.0.0/24, 2001::/23) are refused whole: no video lives there. Where
 * clouds tell a machine its secrets is among them: 169.254.169.254, 100.100.100.200, 192.0.0.192,
 * fd00:ec2::254, fd20:ce::254, fe80::a9fe:a9fe. */
#include "upstream/http/address.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"

enum { OWN_MS = 5000 /* how long the addresses of the machine are remembered */ };

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
    {0xa83f8110, 32}, /* 168.63.129.16: Azure's wire server, a public address that answers inside */
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

/* Writes the IPv4 address that an IPv6 address stands for: mapped, by NAT64 (RFC 6052) or 6to4 (RFC 3056).
 * False where it stands for none. */
static bool
read_embedded4(const uint8_t address[16], uint32_t *ret_address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	bool last = memcmp(address, mapped, 12) == 0 || memcmp(address, nat64, 12) == 0;
	bool first = address[0] == 0x20 && address[1] == 0x02;
	if (last || first)
		*ret_address = read32(address + (last ? 12 : 2));
	return last || first;
}

static bool
public6(const uint8_t address[16])
{
	if ((address[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++)
		if (within(read32(address), read32(special6[i].net), special6[i].bits))
			return false;
	return true;
}

/* ---- one address ---- */

struct address {
	bool is4;
	uint32_t four;
	uint8_t six[16];
};

/* Reads an IPv4 or IPv6 address. False for another family. */
static bool
read_address(const struct sockaddr *from, struct address *ret_address)
{
	struct address address = {0};
	if (from->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, from, sizeof(in));
		address.is4 = true;
		address.four = ntohl(in.sin_addr.s_addr);
	} else if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, from, sizeof(in6));
		memcpy(address.six, &in6.sin6_addr, sizeof(address.six));
		address.is4 = read_embedded4(address.six, &address.four);
	} else {
		return false;
	}
	*ret_address = address;
	return true;
}

bool
address_is_public(const struct sockaddr *address)
{
	struct address read;
	if (!read_address(address, &read))
		return false;
	return read.is4 ? public4(read.four) : public6(read.six);
}

bool
address_is_among(const struct sockaddr *address, const struct ifaddrs *list)
{
	struct address wanted, own;
	if (!read_address(address, &wanted))
		return false;
	for (; list != NULL; list = list->ifa_next) {
		if (list->ifa_addr == NULL || !read_address(list->ifa_addr, &own) || own.is4 != wanted.is4)
			continue;
		if (wanted.is4 ? own.four == wanted.four : memcmp(own.six, wanted.six, sizeof(own.six)) == 0)
			return true;
	}
	return false;
}

bool
address_may_be_asked(const struct sockaddr *address)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct ifaddrs *own;
	static int64_t read_at;

	if (!address_is_public(address))
		return false;
	pthread_mutex_lock(&lock);
	struct ifaddrs *list;
	if ((own == NULL || clock_mono_ms() - read_at >= OWN_MS) && getifaddrs(&list) == 0) {
		if (own != NULL)
			freeifaddrs(own);
		own = list;
		read_at = clock_mono_ms();
	}
	/* Where our own addresses could never be read, any address may be one of them. */
	bool good = own != NULL && !address_is_among(address, own);
	pthread_mutex_unlock(&lock);
	return good;
}
