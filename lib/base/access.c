/* Explains why a file cannot be used: see access.h. */
#include "base/access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 40 };

static void
name_of(uid_t uid, char ret_name[NAME_SIZE])
{
	const struct passwd *user = getpwuid(uid);

	if (user != NULL)
		snprintf(ret_name, NAME_SIZE, "%s", user->pw_name);
	else
		snprintf(ret_name, NAME_SIZE, "user %lu", (unsigned long)uid);
}

/* Cuts the last part off the path. False where none is left. */
static bool
cut_last_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

void
access_explain(const char *path, int error, char *ret_why, size_t size)
{
	char at[PATH_MAX], owner[NAME_SIZE], us[NAME_SIZE];
	const char *what = "it";
	struct stat st;

	int len = snprintf(ret_why, size, "%s: %s", path, strerror(error));
	if ((error != EACCES && error != EPERM) || len < 0 || (size_t)len >= size)
		return;
	snprintf(at, sizeof(at), "%s", path);
	while (stat(at, &st) < 0) {
		what = at;
		if (!cut_last_name(at))
			return;
	}
	/* The file itself may be used, so its directory is in the way. */
	if (error == EACCES && strcmp(at, path) == 0 &&
	    faccessat(AT_FDCWD, at, R_OK | W_OK, AT_EACCESS) == 0 && cut_last_name(at)) {
		what = at;
		if (stat(at, &st) < 0)
			return;
	}
	name_of(st.st_uid, owner);
	name_of(geteuid(), us);
	snprintf(ret_why + len, size - (size_t)len, ": %s belongs to %s (mode %04o), and this is %s", what,
	         owner, (unsigned)st.st_mode & 07777, us);
}

bool
access_denied(const char *data, char *ret_why, size_t size)
{
	static const struct {
		const char *name;
		int mode;
	} parts[] = {
	    {"", R_OK | W_OK | X_OK},
	    {"/longreel.conf", R_OK},
	    {"/longreel.db", R_OK | W_OK},
	    {"/longreel.db-wal", R_OK | W_OK},
	    {"/longreel.db-shm", R_OK | W_OK},
	    {"/link.key", R_OK},
	    {"/uploads", R_OK | W_OK | X_OK},
	    {"/archive", R_OK | W_OK | X_OK},
	    {"/run", R_OK | W_OK | X_OK},
	    {"/tmp", R_OK | W_OK | X_OK},
	    {"/keys", R_OK | X_OK},
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		int len = snprintf(path, sizeof(path), "%s%s", data, parts[i].name);
		if (len < 0 || (size_t)len >= sizeof(path) ||
		    faccessat(AT_FDCWD, path, parts[i].mode, AT_EACCESS) == 0 || errno == ENOENT)
			continue;
		access_explain(path, errno, ret_why, size);
		return true;
	}
	return false;
}
