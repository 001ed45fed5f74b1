/* A connection taken out of its request; plain data, to be handed to another thread. */
#ifndef WEB_CONN_H
#define WEB_CONN_H

#include <stdint.h>

struct park_conn {
	int fd;      /* -1 = none */
	uint16_t id; /* FastCGI request id; 0 = plain CGI, where `fd` is standard output */
};

#endif
