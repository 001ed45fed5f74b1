/* Lists of networks: see networks.h. */
#include "base/networks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_SIZE = 16, MAPPED = 12 /* bytes before an IPv4 address in an IPv6 one */, ENTRY_SIZE = 64 };

struct network {
	uint8_t bytes[ADDRESS_SIZE];
	int bits; /* of them that count */
};

/* Reads an address as 16 bytes. Returns the bits before an IPv4 address in these (0 for IPv6), or -1. */
static int
read_address(const char *text, uint8_t ret_bytes[ADDRESS_SIZE])
{
	static const uint8_t mapped[MAPPED] = {[10] = 0xff, [11] = 0xff};
	if (inet_pton(AF_INET6, text, ret_bytes) == 1)
		return 0;
	memcpy(ret_bytes, mapped, MAPPED);
	return inet_pton(AF_INET, text, ret_bytes + MAPPED) == 1 ? MAPPED * 8 : -1;
}

/* Reads an entry such as 10.0.0.0/8, in place. */
static bool
read_network(char *entry, struct network *ret_network)
{
	char *slash = strchr(entry, '/');
	if (slash != NULL)
		*slash++ = '\0';
	int before = read_address(entry, ret_network->bytes);
	if (before < 0)
		return false;
	ret_network->bits = ADDRESS_SIZE * 8;
	if (slash == NULL)
		return true;
	size_t len = strlen(slash);
	if (len < 1 || len > 3 || strspn(slash, "0123456789") != len)
		return false;
	ret_network->bits = before + (int)strtol(slash, NULL, 10);
	return ret_network->bits <= ADDRESS_SIZE * 8;
}

/* Takes the next entry off the list: 1, 0 at its end, -1 where it is no network. */
static int
next_network(const char **list, struct network *ret_network)
{
	static const char blanks[] = " \t,";
	char entry[ENTRY_SIZE];
	*list += strspn(*list, blanks);
	size_t len = strcspn(*list, blanks);
	if (len == 0)
		return 0;
	snprintf(entry, sizeof(entry), "%.*s", (int)(len < sizeof(entry) ? len : sizeof(entry) - 1), *list);
	*list += len;
	return len < sizeof(entry) && read_network(entry, ret_network) ? 1 : -1;
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int rest = bits % 8;
	if (memcmp(a, b, (size_t)bits / 8) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

bool
networks_valid(const char *list)
{
	struct network network;
	int found;
	while ((found = next_network(&list, &network)) > 0)
		;
	return found == 0;
}

bool
networks_hold(const char *list, const char *address)
{
	uint8_t bytes[ADDRESS_SIZE];
	struct network network;
	int found;
	if (read_address(address, bytes) < 0)
		return false;
	while ((found = next_network(&list, &network)) != 0)
		if (found > 0 && same_bits(network.bytes, bytes, network.bits))
			return true;
	return false;
}
