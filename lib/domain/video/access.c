/* Access for a group: see access.h. The archive's folder is opened last: where it is open, all in it is. */
#include "domain/video/access.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/file.h"

enum {
	DATA_PRIVATE = 0700,
	DATA_PASSED = 0710,
	FOLDER_PRIVATE = 0700,
	FOLDER_SHARED = 02750,
	FILE_SHARED = 0640
};

static bool
is_shared(const struct config *config)
{
	return config->archive_group != NULL && config->archive_group[0] != '\0';
}

/* `name`: a name or a number. */
static bool
find_group(const char *name, gid_t *ret_gid)
{
	const struct group *group = getgrnam(name);
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (group != NULL)
		*ret_gid = group->gr_gid;
	else if (*name >= '0' && *name <= '9' && *end == '\0' && number < INT32_MAX)
		*ret_gid = (gid_t)number;
	else
		return false;
	return true;
}

/* Sets group and mode where they differ. `gid` -1 = leave the group. False with errno. */
static bool
set_access(int dir, const char *name, gid_t gid, mode_t mode)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT; /* removed meanwhile */
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return true;
	/* The group first: changing it clears the set-group-ID bit. */
	if (gid != (gid_t)-1 && st.st_gid != gid) {
		if (fchownat(dir, name, (uid_t)-1, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT;
		st.st_mode &= 01777;
	}
	return (st.st_mode & 07777) == mode || fchmodat(dir, name, mode, 0) == 0 || errno == ENOENT;
}

/* Sets the access of all in the open folder, and closes it. `depth`: levels of folders below. False with
 * errno. */
static bool
set_below(int fd, gid_t gid, int depth)
{
	const struct dirent *entry;
	bool good = true;
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return false;
	}
	while (good && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		int below = depth > 0
		                ? openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		                : -1;
		if (below >= 0)
			good = set_below(below, gid, depth - 1);
		good = good && set_access(fd, entry->d_name, gid, below >= 0 ? FOLDER_SHARED : FILE_SHARED);
	}
	int error = errno;
	closedir(dir);
	errno = error;
	return good;
}

static bool
is_set(const char *path, gid_t gid, mode_t mode)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_gid == gid && (st.st_mode & 07777) == mode;
}

/* Closes DATA and the archive to all others. */
static bool
close_to_others(const char *data, const char *archive)
{
	struct stat st;
	if (stat(data, &st) == 0 && (st.st_mode & 07777) == DATA_PASSED && chmod(data, DATA_PRIVATE) < 0)
		return false;
	return stat(archive, &st) < 0 || (st.st_mode & 077) == 0 || chmod(archive, FOLDER_PRIVATE) == 0;
}

bool
archive_access_set(const struct config *config, bool all, char *ret_why, size_t size)
{
	char archive[PATH_MAX];
	gid_t gid;
	snprintf(archive, sizeof(archive), "%s/archive", config->data);
	if (!is_shared(config)) {
		if (close_to_others(config->data, archive))
			return true;
		snprintf(ret_why, size, "%s cannot be closed to others: %s", archive, strerror(errno));
		return false;
	}
	if (!find_group(config->archive_group, &gid)) {
		snprintf(ret_why, size, "archive_group: there is no group %s", config->archive_group);
		return false;
	}
	if (!all && is_set(archive, gid, FOLDER_SHARED) && is_set(config->data, gid, DATA_PASSED))
		return true;
	int fd = file_make_dir(archive) ? open(archive, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0 && set_below(fd, gid, 1) && set_access(AT_FDCWD, archive, gid, FOLDER_SHARED) &&
	    set_access(AT_FDCWD, config->data, gid, DATA_PASSED))
		return true;
	snprintf(ret_why, size, "archive_group: the archive cannot be opened to %s: %s%s",
	         config->archive_group, strerror(errno),
	         errno == EPERM ? "; is the user that longreel runs as in that group?" : "");
	return false;
}

bool
archive_access_file(const struct config *config, int fd)
{
	return !is_shared(config) || fchmod(fd, FILE_SHARED) == 0;
}

bool
archive_access_folder(const struct config *config, const char *path)
{
	return !is_shared(config) || chmod(path, FOLDER_SHARED) == 0;
}
