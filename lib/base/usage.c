/* --help and --version; see usage.h. */
#include "base/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"

bool
usage_asked(int argc, char **argv, const char *name, const char *text, int *ret_status)
{
	bool help = false, version = false;
	for (int i = 1; i < argc; i++) {
		help = help || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
		version = version || strcmp(argv[i], "--version") == 0;
	}
	if ((!help && !version) || getenv("REQUEST_METHOD") != NULL)
		return false;
	int length = help ? fputs(text, stdout) : printf("%s %s\n", name, LONGREEL_VERSION);
	*ret_status = length >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	return true;
}
