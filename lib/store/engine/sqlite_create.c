/* Makes the database file under a temporary name, and gives it its own only when it is whole. So a file of
 * that name is a complete database from its first moment, whenever the machine stops; an empty one is
 * damaged, and never taken for a new one. */
#include "store/engine/sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Files of another database that must not meet a new one: SQLite would replay the log into it, and the
 * sweeper would remove the videos that it does not know. */
static const char *const belongings[] = {"longreel.db-wal", "archive", "uploads"};

/* True where `name` is a file with something in it, or a directory with an entry; what begins with a dot says
 * something of the directory itself. */
static bool
holds_something(int data, const char *name)
{
	struct stat st;
	if (fstatat(data, name, &st, 0) != 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		return st.st_size > 0;
	int fd = openat(data, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	do
		entry = readdir(dir);
	while (entry != NULL && entry->d_name[0] == '.');
	bool holds = entry != NULL;
	closedir(dir);
	return holds;
}

struct filler {
	enum err_code (*fill)(void *cookie, void *db);
	void *cookie;
};

static enum err_code
fill_file(const char *temporary, const char *data, const struct filler *filler)
{
	const struct engine_access access = {.writes = true, .patient = true};
	struct sqlite *sqlite = NULL;
	enum err_code err = sqlite_open_file(temporary, data, &access, &sqlite);
	if (err != ERR_OK)
		return err;
	err = sqlite_say(sqlite, SQL_SQLITE_SETTINGS_NEW);
	if (err == ERR_OK)
		err = filler->fill(filler->cookie, sqlite);
	sqlite_close(sqlite);
	return err;
}

/* Gives it its name, once it is on the disk; not in the place of another. */
static enum err_code
publish(const char *temporary, const char *path)
{
	int fd = open(temporary, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_INTERNAL;
	bool done = fsync(fd) == 0 && link(temporary, path) == 0;
	enum err_code err = done ? ERR_OK : file_error();
	close(fd);
	return done ? file_sync_dir_of(path) : err;
}

/* With the lock of the directory. */
static enum err_code
make_database(int directory, const char *data, const char *path, const struct filler *filler)
{
	char temporary[PATH_MAX];
	struct stat st;
	if (stat(path, &st) == 0)
		return ERR_OK;
	if (lstat(path, &st) == 0)
		return ERR_NOT_OURS;
	for (size_t i = 0; i < sizeof(belongings) / sizeof(belongings[0]); i++)
		if (holds_something(directory, belongings[i]))
			return ERR_DATABASE_MISSING;
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return ERR_INTERNAL;
	unlink(temporary); /* of one that was interrupted */
	/* The mode is taken over by its -wal and -shm. It is closed before SQLite opens it: closing a
	 * database file behind SQLite's back drops the locks of the whole process. */
	int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_error();
	close(fd);
	enum err_code err = fill_file(temporary, data, filler);
	if (err == ERR_OK)
		err = publish(temporary, path);
	unlink(temporary);
	return err;
}

enum err_code
sqlite_create(const char *data, enum err_code (*fill)(void *cookie, void *db), void *cookie)
{
	const struct filler filler = {fill, cookie};
	char path[PATH_MAX];
	if (!sqlite_path(data, path))
		return ERR_INTERNAL;
	int fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_INTERNAL;
	/* One at a time; the lock goes with the descriptor. */
	enum err_code err = ERR_INTERNAL;
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			goto out;
	err = make_database(fd, data, path, &filler);
out:
	close(fd);
	return err;
}
