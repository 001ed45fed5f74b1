/* The data directory of a user: see home.h. */
#include "base/home.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A relative path in such a variable is to be ignored: XDG Base Directory Specification. */
static const char *
absolute(const char *variable)
{
	const char *path = getenv(variable);
	return path != NULL && path[0] == '/' ? path : NULL;
}

bool
home_data(char *ret_path, size_t size)
{
	const char *share = absolute("XDG_DATA_HOME"), *home = absolute("HOME");
	int len;

	if (geteuid() == 0)
		len = snprintf(ret_path, size, "/var/lib/longreel");
	else if (share != NULL)
		len = snprintf(ret_path, size, "%s/longreel", share);
	else if (home != NULL)
		len = snprintf(ret_path, size, "%s/.local/share/longreel", home);
	else
		len = snprintf(ret_path, size, "data");
	return len > 0 && (size_t)len < size;
}

bool
home_make_parents(const char *path)
{
	char part[PATH_MAX];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part)) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (char *slash = part; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return false;
	}
	return true;
}
