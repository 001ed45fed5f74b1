/* The data directory. The lock is a flock on DATA/lock, which the kernel drops however its holder ends. The
 * file is removed while the lock is held, so a process that gets the lock must check that the file still has
 * the name. */
#include "instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup_hold.h"
#include "base/access.h"
#include "base/arena.h"
#include "base/file.h"
#include "cli.h"

static const char *const dirs[] = {"run", "run/errors", "run/errors/v1", "uploads", "tmp"};

enum { TMP_KEPT_SECONDS = 3600 };

/* Calls fn for each entry of the directory but . and .. until it returns false. */
static void
each_entry(const char *path, bool (*fn)(void *cookie, int dir, const char *name), void *cookie)
{
	DIR *dir = opendir(path);

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!fn(cookie, dirfd(dir), entry->d_name))
			break;
	}
	closedir(dir);
}

struct contents {
	bool any;
	bool ours;
};

static bool
note_entry(void *cookie, int dir, const char *name)
{
	struct contents *contents = cookie;

	(void)dir;
	contents->any = true;
	if (strcmp(name, "longreel.conf") == 0 || strcmp(name, "longreel.db") == 0)
		contents->ours = true;
	return !contents->ours;
}

/* Makes the directory private, unless it holds other things: a mistaken --data must not close /tmp. Errno is
 * ENOTEMPTY then. */
static bool
make_private(const char *path)
{
	struct contents contents = {false};
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	/* A group may be allowed to pass, to the archive (archive_group). */
	if ((st.st_mode & 067) == 0)
		return true;
	each_entry(path, note_entry, &contents);
	if (contents.any && !contents.ours) {
		errno = ENOTEMPTY;
		return false;
	}
	return chmod(path, 0700) == 0;
}

static pid_t
read_holder(int lock)
{
	char text[32] = "";

	ssize_t got = pread(lock, text, sizeof(text) - 1, 0);
	return got > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* True where `lock` is still the file of that name. */
static bool
is_current(int lock, const char *path)
{
	struct stat held, named;

	return fstat(lock, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

/* Takes the lock. A descriptor; or -1 with errno, EWOULDBLOCK with the pid of its holder. */
static int
take_lock(const char *path, pid_t *ret_holder)
{
	for (;;) {
		int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (lock < 0)
			return -1;
		if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
			if (is_current(lock, path))
				return lock;
			close(lock);
			continue;
		}
		int why = errno;
		if (why == EWOULDBLOCK)
			*ret_holder = read_holder(lock);
		close(lock);
		errno = why;
		return -1;
	}
}

static bool
is_socket(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".sock") == 0;
}

static bool
clear_socket(void *cookie, int dir, const char *name)
{
	(void)cookie;
	if (is_socket(name) || strcmp(name, "intake") == 0)
		unlinkat(dir, name, 0);
	return true;
}

/* Removes a body that lighttpd did not come to send on. */
static bool
clear_upload(void *cookie, int dir, const char *name)
{
	static const char uploads[] = "lighttpd-upload-";

	(void)cookie;
	if (strncmp(name, uploads, sizeof(uploads) - 1) == 0)
		unlinkat(dir, name, 0);
	return true;
}

void
instance_clear_uploads(void)
{
	each_entry("tmp", clear_upload, NULL);
}

static bool
clear_old_file(void *cookie, int dir, const char *name)
{
	time_t before = time(NULL) - TMP_KEPT_SECONDS;
	struct stat st;

	(void)cookie;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_mtime < before)
		unlinkat(dir, name, 0);
	return true;
}

bool
instance_make_dirs(const char *data, struct arena *arena)
{
	if (!file_make_dir(data))
		return false;
	errno = ENOMEM;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		const char *path = arena_printf(arena, "%s/%s", data, dirs[i]);

		if (path == NULL || !file_make_dir(path))
			return false;
	}
	return true;
}

/* Writes the pid into the lock, makes the directories, and removes what a crash has left. */
static bool
enter_directory(const struct instance *instance, struct arena *arena)
{
	if (chdir(instance->data) < 0 || ftruncate(instance->lock, 0) < 0)
		return false;
	dprintf(instance->lock, "%ld\n", (long)getpid());
	if (!instance_make_dirs(instance->data, arena))
		return false;
	each_entry(instance->run_dir, clear_socket, NULL);
	each_entry("tmp", clear_old_file, NULL);
	instance_clear_uploads();
	hold_clear(".", arena);
	return true;
}

int
instance_open(const char *data, struct arena *arena, struct instance *ret_instance)
{
	struct instance instance = {.lock = -1};
	char path[PATH_MAX], why[512];
	pid_t holder = 0;

	if (!file_make_dir(data) || !realpath(data, path)) {
		access_explain(data, errno, why, sizeof(why));
		cli_fail("cannot make the data directory: %s", why);
		return -1;
	}
	if (!make_private(path)) {
		bool foreign = errno == ENOTEMPTY;
		access_explain(path, errno, why, sizeof(why));
		if (foreign)
			cli_fail("%s holds other things and is open to others; name an empty directory, or "
			         "run chmod 700 on this one.",
			         path);
		else
			cli_fail("cannot make the data directory private: %s", why);
		return -1;
	}
	instance.data = arena_strdup(arena, path);
	instance.lock_path = arena_printf(arena, "%s/lock", path);
	instance.run_dir = arena_printf(arena, "%s/run", path);
	if (!instance.data || !instance.lock_path || !instance.run_dir) {
		cli_fail("not enough memory.");
		return -1;
	}
	instance.lock = take_lock(instance.lock_path, &holder);
	if (instance.lock < 0) {
		if (errno == EWOULDBLOCK && holder > 0)
			cli_fail("%s is served already, by process %ld.", path, (long)holder);
		else if (errno == EWOULDBLOCK)
			cli_fail("%s is served already.", path);
		else {
			access_explain(instance.lock_path, errno, why, sizeof(why));
			cli_fail("cannot take the lock: %s", why);
		}
		return -1;
	}
	if (!enter_directory(&instance, arena)) {
		if (!access_denied(path, why, sizeof(why)))
			access_explain(path, errno, why, sizeof(why));
		cli_fail("cannot use the data directory: %s", why);
		instance_close(&instance);
		return -1;
	}
	*ret_instance = instance;
	return 0;
}

void
instance_note(const struct instance *instance, const char *address)
{
	dprintf(instance->lock, "%s\n", address);
}

/* Reads the lock without trying it: an instance that starts at this moment must not find it taken. */
bool
instance_served(const char *data, char *ret_address, size_t size)
{
	char path[PATH_MAX], text[128] = "";

	*ret_address = '\0';
	snprintf(path, sizeof(path), "%s/lock", data);
	int lock = open(path, O_RDONLY | O_CLOEXEC);
	if (lock < 0)
		return false;
	pid_t holder = read_holder(lock);
	ssize_t got = pread(lock, text, sizeof(text) - 1, 0);
	close(lock);
	if (holder <= 0 || (kill(holder, 0) < 0 && errno != EPERM))
		return false;
	const char *second = got > 0 ? strchr(text, '\n') : NULL;
	if (second)
		snprintf(ret_address, size, "%.*s", (int)strcspn(second + 1, "\n"), second + 1);
	return true;
}

void
instance_close(struct instance *instance)
{
	if (instance->lock < 0)
		return;
	each_entry(instance->run_dir, clear_socket, NULL);
	unlink(instance->lock_path);
	close(instance->lock);
	instance->lock = -1;
}
