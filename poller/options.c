/* The poller's command line; see options.h. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOR_MOST = 86400 /* s */ };

static bool
read_all(int argc, char **argv, struct options *options)
{
	options->data = getenv("LONGREEL_DATA");
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;
		if (strcmp(argv[i], "--once") == 0) {
			options->once = true;
		} else if (strcmp(argv[i], "--data") == 0 && has_value) {
			options->data = argv[++i];
		} else if (strcmp(argv[i], "--for") == 0 && has_value) {
			char *end;
			long long seconds = strtoll(argv[++i], &end, 10);
			if (*end != '\0' || seconds <= 0 || seconds > FOR_MOST)
				return false;
			options->for_ms = seconds * 1000;
		} else {
			return false;
		}
	}
	return options->data != NULL && options->data[0] != '\0' && !(options->once && options->for_ms > 0);
}

bool
options_read(int argc, char **argv, struct options *ret_options)
{
	bool good = read_all(argc, argv, ret_options);
	if (!good)
		fprintf(stderr, "usage: longreel-poller [--data DIR] [--once | --for SECONDS]\n"
		                "DIR defaults to $LONGREEL_DATA.\n");
	return good;
}
