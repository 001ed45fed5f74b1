/* Files of pollers; see poller_files.h. */
#include "domain/task/poller_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { PATH_SIZE = 4096, TRIES = 3 };

static bool
path_of(const char *data, const char *owner, char ret_path[PATH_SIZE])
{
	int len = snprintf(ret_path, PATH_SIZE, "%s/pollers%s%s", data, owner != NULL ? "/" : "",
	                   owner != NULL ? owner : "");
	return len > 0 && len < PATH_SIZE;
}

/* True where the open file is still the one of that name. */
static bool
is_named(int fd, const char *path)
{
	struct stat open, named;
	return fstat(fd, &open) == 0 && stat(path, &named) == 0 && open.st_dev == named.st_dev &&
	       open.st_ino == named.st_ino;
}

/* Opens and locks the file; -1 where it is locked, or cannot be. */
static int
lock(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int
poller_file_hold(const char *data, const char *owner)
{
	char path[PATH_SIZE];
	if (!path_of(data, NULL, path) || !file_make_dir(path) || !path_of(data, owner, path))
		return -1;
	/* Another may have taken the file for a dead poller's before it was locked, and have removed it. */
	for (int i = 0; i < TRIES; i++) {
		int fd = lock(path, O_CREAT);
		if (fd < 0)
			return -1;
		if (is_named(fd, path))
			return fd;
		close(fd);
	}
	return -1;
}

void
poller_file_drop(const char *data, const char *owner, int fd)
{
	char path[PATH_SIZE];
	if (fd < 0)
		return;
	if (path_of(data, owner, path))
		unlink(path);
	close(fd);
}

size_t
poller_files_dead(const char *data, const char *own, struct dead_poller *ret_dead, size_t most)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = path_of(data, NULL, path) ? opendir(path) : NULL;
	while (dir != NULL && count < most && (entry = readdir(dir)) != NULL) {
		struct dead_poller *dead = &ret_dead[count];
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0 ||
		    !ids_is_word(entry->d_name, sizeof(dead->owner) - 1) ||
		    !path_of(data, entry->d_name, path) || (dead->fd = lock(path, 0)) < 0)
			continue;
		memcpy(dead->owner, entry->d_name, strlen(entry->d_name) + 1);
		count++;
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

void
poller_file_bury(const char *data, const struct dead_poller *dead, bool buried)
{
	char path[PATH_SIZE];
	if (buried && path_of(data, dead->owner, path))
		unlink(path);
	close(dead->fd);
}
