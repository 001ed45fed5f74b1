/* What the poller is told on its command line. */
#ifndef POLLER_OPTIONS_H
#define POLLER_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_USAGE = 2 /* the exit status where they are wrong */ };

struct options {
	const char *data;
	char home[PATH_MAX]; /* it, where it is named nowhere */
	bool once;
	int64_t for_ms; /* 0 = until told to stop */
};

/* Reads them. False where the program is to end with ret_status: --help and --version are answered on
 * standard output, and what is wrong is told on standard error. */
bool options_read(int argc, char **argv, struct options *ret_options, int *ret_status);

#endif
