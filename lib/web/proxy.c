/* Reverse proxies, by the addresses of the configuration. lighttpd goes by the same list in its
 * mod_extforward: where one of these is the peer, REMOTE_ADDR is the client's address, out of
 * X-Forwarded-For, and REMOTE_PORT is 0. */
#include "web/proxy.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/request.h"

enum { ADDRESS_SIZE = 16, MAPPED = 12 /* bytes before an IPv4 address in an IPv6 one */ };

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

static bool
same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int rest = bits % 8;
	if (memcmp(a, b, (size_t)bits / 8) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

/* True where the entry, such as 10.0.0.0/8, holds the address. */
static bool
entry_holds(char *entry, const uint8_t address[ADDRESS_SIZE])
{
	uint8_t network[ADDRESS_SIZE];
	char *slash = strchr(entry, '/');
	if (slash != NULL)
		*slash++ = '\0';
	int before = read_address(entry, network);
	if (before < 0)
		return false;
	int bits = ADDRESS_SIZE * 8;
	if (slash != NULL) {
		char *end;
		long stated = strtol(slash, &end, 10);
		if (end == slash || *end != '\0' || stated < 0 || stated > bits - before)
			return false;
		bits = before + (int)stated;
	}
	return same_bits(network, address, bits);
}

bool
proxy_listed(const char *list, const char *address)
{
	static const char blanks[] = " \t,";
	uint8_t bytes[ADDRESS_SIZE];
	char entry[64];
	if (read_address(address, bytes) < 0)
		return false;
	for (list += strspn(list, blanks); *list != '\0'; list += strspn(list, blanks)) {
		size_t len = strcspn(list, blanks);
		if (len < sizeof(entry)) {
			snprintf(entry, sizeof(entry), "%.*s", (int)len, list);
			if (entry_holds(entry, bytes))
				return true;
		}
		list += len;
	}
	return false;
}

bool
proxy_trusted(const struct request *request, const char *list)
{
	const char *port = request_variable(request, "REMOTE_PORT");
	if (*list == '\0')
		return false;
	/* A connection always has a port: with port 0, lighttpd has put the client's address in its place. */
	if (port != NULL && strcmp(port, "0") == 0 && request_header(request, "X-Forwarded-For") != NULL)
		return true;
	return proxy_listed(list, request->remote_addr);
}
