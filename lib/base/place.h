/* Where a server listens, as it is written: a port; HOST, HOST:PORT or :PORT (all addresses); an IPv6 address
 * with or without brackets, [::1]:8080; or unix:/PATH. Pure functions, thread-safe. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include <stdbool.h>

enum { PLACE_SIZE = 256, PLACE_PATH_MOST = 107 /* bytes of a unix socket's path: unix(7) */ };

struct place {
	bool local;            /* `name` is the absolute path of a unix socket */
	char name[PLACE_SIZE]; /* the host, without brackets, or the path; "" = the host is not named */
	int port;              /* -1 = not named */
};

/* Reads `text`. False where it is none; ret_place is then unchanged. Names are not looked up. */
bool place_read(const char *text, struct place *ret_place);

#endif
