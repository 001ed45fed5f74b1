/* A connection detached from its request. Plain data, so that it can go to another thread. */
#ifndef WEB_CONN_H
#define WEB_CONN_H

#include <stdint.h>

struct park_conn {
	int fd;      /* -1 = none */
	uint16_t id; /* FastCGI request id; 0 = plain CGI, where `fd` is standard output */
};

#endif
