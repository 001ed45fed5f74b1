/* Blocks of network addresses: see netblock.h. */
#include "base/netblock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { COUNTED6 = 7 /* bytes of a /56 */ };

static void
name_four(const uint8_t address[4], int bits, char ret_block[NETBLOCK_SIZE])
{
	unsigned last = bits == 32 ? address[3] : 0;
	snprintf(ret_block, NETBLOCK_SIZE, "%u.%u.%u.%u%s", address[0], address[1], address[2], last,
	         bits == 32 ? "" : "/24");
}

static void
name_block(const char *address, int bits4, char ret_block[NETBLOCK_SIZE])
{
	struct in_addr four;
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];
	/* A link-local address may come with its zone: fe80::1%eth0. */
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(address, "%"), address);
	if (inet_pton(AF_INET, text, &four) == 1) {
		name_four((const uint8_t *)&four, bits4, ret_block);
	} else if (inet_pton(AF_INET6, text, &six) != 1) {
		snprintf(ret_block, NETBLOCK_SIZE, "%s", address);
	} else if (IN6_IS_ADDR_V4MAPPED(&six)) {
		name_four(&six.s6_addr[12], bits4, ret_block);
	} else {
		memset(&six.s6_addr[COUNTED6], 0, sizeof(six.s6_addr) - COUNTED6);
		inet_ntop(AF_INET6, &six, text, sizeof(text));
		snprintf(ret_block, NETBLOCK_SIZE, "%s/56", text);
	}
}

void
netblock_counted(const char *address, char ret_block[NETBLOCK_SIZE])
{
	name_block(address, 32, ret_block);
}

void
netblock_known(const char *address, char ret_block[NETBLOCK_SIZE])
{
	name_block(address, 24, ret_block);
}
