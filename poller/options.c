/* The poller's command line; see options.h. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/home.h"
#include "base/usage.h"

enum { FOR_MOST = 86400 /* s */ };

static const char usage[] =
    "usage: longreel-poller [--data DIR] [--once | --for SECONDS]\n"
    "Asks upstreams how the open tasks are, submits what waits, delivers webhooks, and keeps videos: until\n"
    "SIGTERM; with --once what is due now, and with --for so long. Without --data, LONGREEL_DATA names the\n"
    "data directory; without that it is ~/.local/share/longreel, root's /var/lib/longreel.\n"
    "--help and --version tell these. More: man longreel-poller\n";

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
	if (options->data == NULL || options->data[0] == '\0')
		options->data = home_data(options->home, sizeof(options->home)) ? options->home : NULL;
	return options->data != NULL && !(options->once && options->for_ms > 0);
}

bool
options_read(int argc, char **argv, struct options *ret_options, int *ret_status)
{
	if (usage_asked(argc, argv, "longreel-poller", usage, ret_status))
		return false;
	bool good = read_all(argc, argv, ret_options);
	if (!good)
		fputs(usage, stderr);
	*ret_status = OPTIONS_USAGE;
	return good;
}
