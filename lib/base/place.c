/* Reads where a server listens: see place.h. */
#include "base/place.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

enum { PORT_DIGITS = 5, PORT_MOST = 65535 };

/* Reads a port that ends the text. */
static bool
read_port(const char *text, int *ret_port)
{
	size_t len = strspn(text, "0123456789");
	long port = len > 0 && len <= PORT_DIGITS && text[len] == '\0' ? strtol(text, NULL, 10) : -1;
	if (port < 0 || port > PORT_MOST)
		return false;
	*ret_port = (int)port;
	return true;
}

/* Reads the absolute path of a socket. */
static bool
read_path(const char *path, struct place *place)
{
	if (path[0] != '/' || path[1] == '\0' || strlen(path) > PLACE_PATH_MOST)
		return false;
	place->local = true;
	snprintf(place->name, sizeof(place->name), "%s", path);
	return true;
}

/* Reads `len` bytes of a host, and what is behind them: nothing, or a port. */
static bool
read_host(const char *host, size_t len, const char *rest, struct place *place)
{
	if (len == 0 || len >= sizeof(place->name))
		return false;
	snprintf(place->name, sizeof(place->name), "%.*s", (int)len, host);
	return *rest == '\0' || (*rest == ':' && read_port(rest + 1, &place->port));
}

static bool
is_name(const char *host)
{
	return host[0] != '-' && host[strspn(host, HOST_CHARACTERS)] == '\0';
}

static bool
is_six(const char *host)
{
	struct in6_addr address;
	return inet_pton(AF_INET6, host, &address) == 1;
}

bool
place_read(const char *text, struct place *ret_place)
{
	struct place place = {.port = -1};
	const char *colon = strchr(text, ':'), *bracket = strchr(text, ']');
	bool good = false;

	if (strncmp(text, "unix:", 5) == 0)
		good = read_path(text + 5, &place);
	else if (text[0] == '[' && bracket != NULL)
		good = read_host(text + 1, (size_t)(bracket - text - 1), bracket + 1, &place) &&
		       is_six(place.name);
	else if (colon != NULL && strchr(colon + 1, ':') != NULL)
		good = read_host(text, strlen(text), text + strlen(text), &place) && is_six(place.name);
	else if (colon == text)
		good = read_host("0.0.0.0", 7, text, &place);
	else if (text[strspn(text, "0123456789")] == '\0')
		good = read_port(text, &place.port);
	else
		good = read_host(text, strcspn(text, ":"), text + strcspn(text, ":"), &place) &&
		       is_name(place.name);
	if (good)
		*ret_place = place;
	return good;
}
