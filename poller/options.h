/* What the poller is told on its command line. */
#ifndef POLLER_OPTIONS_H
#define POLLER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_USAGE = 2 /* the exit status where they are wrong */ };

struct options {
	const char *data;
	bool once;
	int64_t for_ms; /* 0 = until told to stop */
};

/* Reads them. False, and told on standard error, where they are wrong. */
bool options_read(int argc, char **argv, struct options *ret_options);

#endif
