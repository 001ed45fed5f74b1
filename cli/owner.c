/* Acting as the owner of the data directory: see owner.h. */
#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

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

bool
owner_become(const char *data)
{
	struct stat st;

	if (!owner_differs(data))
		return true;
	if (stat(data, &st) < 0)
		return false;
	const struct passwd *user = getpwuid(st.st_uid);
	gid_t gid = owner_group(&st);
	if ((user ? initgroups(user->pw_name, gid) : setgroups(1, &gid)) == 0 &&
	    setresgid(gid, gid, gid) == 0 && setresuid(st.st_uid, st.st_uid, st.st_uid) == 0)
		return true;
	cli_fail("cannot act as the owner of %s: %s", data, strerror(errno));
	return false;
}
