/* Acting as the owner of the data directory: see owner.h. */
#include "base/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
owner_differs(const char *data)
{
	struct stat st;

	return geteuid() == 0 && stat(data, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid != 0;
}

gid_t
owner_group(const struct stat *st)
{
	const struct passwd *user = getpwuid(st->st_uid);
	return user ? user->pw_gid : st->st_gid;
}

/* False with errno. */
static bool
become(const struct stat *st)
{
	const struct passwd *user = getpwuid(st->st_uid);
	gid_t gid = owner_group(st);
	return (user ? initgroups(user->pw_name, gid) : setgroups(1, &gid)) == 0 &&
	       setresgid(gid, gid, gid) == 0 && setresuid(st->st_uid, st->st_uid, st->st_uid) == 0;
}

bool
owner_become(const char *data, char *ret_why, size_t size)
{
	struct stat st;

	if (!owner_differs(data) || (stat(data, &st) == 0 && become(&st)))
		return true;
	snprintf(ret_why, size, "cannot act as the owner of %s: %s", data, strerror(errno));
	return false;
}
