/* Holding the files of a whole backup: see backup_hold.h. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "backup_hold.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/stop.h"
#include "cli.h"
#include "domain/video/path.h"

enum { DESCRIPTORS = 16 /* of a walk */ };

void
hold_signals(sigset_t *ret_set)
{
	stop_set(ret_set);
	sigaddset(ret_set, SIGHUP);
	sigprocmask(SIG_BLOCK, ret_set, NULL);
}

bool
hold_stopped(void *cookie)
{
	sigset_t set;

	(void)cookie;
	return sigpending(&set) == 0 &&
	       (sigismember(&set, SIGINT) || sigismember(&set, SIGTERM) || sigismember(&set, SIGHUP));
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

bool
hold_remove_tree(const char *path)
{
	return nftw(path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

/* ---- holding ---- */

/* Gives each file of `from` a name in `to`; those of a backup and what is not whole yet have none. */
static bool
link_folder(const char *from, const char *to)
{
	const struct dirent *entry;
	struct stat st;
	bool good = true;

	DIR *dir = opendir(from);
	if (dir == NULL)
		return errno == ENOENT;
	int target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = target >= 0;
	while (good && (entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ARCHIVE_PART) || strncmp(entry->d_name, "upload-", 7) == 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		/* One that is gone by now was deleted before the database is copied. */
		good = linkat(dirfd(dir), entry->d_name, target, entry->d_name, 0) == 0 || errno == EEXIST ||
		       errno == ENOENT;
	}
	int why = errno;
	if (target >= 0)
		close(target);
	closedir(dir);
	errno = why;
	return good;
}

/* The archive's videos lie in folders; its mark beside them. */
static bool
link_archive(const struct hold *hold, struct arena *arena)
{
	const struct dirent *entry;
	const char *from = arena_printf(arena, "%s/archive", hold->data);
	bool good = from != NULL && link_folder(from, hold->archive);

	DIR *dir = good ? opendir(from) : NULL;
	while (good && dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || entry->d_type == DT_REG)
			continue;
		const char *folder = arena_printf(arena, "%s/%s", from, entry->d_name);
		const char *target = arena_printf(arena, "%s/%s", hold->archive, entry->d_name);
		struct stat st;

		if (folder == NULL || target == NULL) {
			errno = ENOMEM;
			good = false;
		} else if (lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
		           strcmp(entry->d_name, "lost+found") != 0) {
			good = file_make_dir(target) && link_folder(folder, target);
		}
	}
	if (dir != NULL)
		closedir(dir);
	return good;
}

bool
hold_files(const struct hold *hold, struct arena *arena)
{
	const char *uploads = arena_printf(arena, "%s/uploads", hold->data);

	if (uploads == NULL || !link_folder(uploads, hold->uploads)) {
		cli_fail("cannot hold the images in %s/uploads: %s", hold->data, strerror(errno));
		return false;
	}
	if (hold->archive != NULL && !link_archive(hold, arena)) {
		cli_fail("cannot hold the videos in %s/archive: %s (--no-archive leaves them out)",
		         hold->data, strerror(errno));
		return false;
	}
	return true;
}

/* ---- its folders ---- */

static bool
fill(const char *data, struct arena *arena, struct hold *ret_hold)
{
	*ret_hold = (struct hold){.data = data,
	                          .stage = arena_printf(arena, "%s/tmp/backup", data),
	                          .uploads = arena_printf(arena, "%s/uploads/.backup", data),
	                          .archive = arena_printf(arena, "%s/archive/.backup", data),
	                          .lock = -1};
	return !arena_failed(arena);
}

static bool
clear(const struct hold *hold)
{
	bool good = hold_remove_tree(hold->stage);
	good = hold_remove_tree(hold->uploads) && good;
	return hold->archive == NULL || (hold_remove_tree(hold->archive) && good);
}

/* The lock is that of DATA/tmp: it goes with its process. */
static int
take_lock(const char *data, struct arena *arena)
{
	const char *tmp = arena_printf(arena, "%s/tmp", data);

	if (tmp == NULL || !file_make_dir(tmp))
		return -1;
	int lock = open(tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		int why = errno;
		close(lock);
		errno = why;
		return -1;
	}
	return lock;
}

bool
hold_begin(const char *data, bool archive, struct arena *arena, struct hold *ret_hold)
{
	struct hold hold;
	struct stat st;

	errno = ENOMEM;
	if (!fill(data, arena, &hold) || (hold.lock = take_lock(data, arena)) < 0) {
		cli_fail(errno == EWOULDBLOCK ? "another backup of %s is being made." : "cannot use %s/tmp.",
		         data);
		return false;
	}
	const char *uploads = arena_printf(arena, "%s/uploads", data);
	const char *videos = arena_printf(arena, "%s/archive", data);
	bool good = uploads != NULL && videos != NULL && clear(&hold);
	if (good && (!archive || stat(videos, &st) < 0))
		hold.archive = NULL;
	good = good && file_make_dir(uploads) && file_make_dir(hold.stage) && file_make_dir(hold.uploads) &&
	       (hold.archive == NULL || file_make_dir(hold.archive));
	if (!good) {
		cli_fail("cannot prepare %s: %s", data, strerror(errno));
		hold_end(&hold);
		return false;
	}
	*ret_hold = hold;
	return true;
}

void
hold_end(struct hold *hold)
{
	if (hold->lock < 0)
		return;
	if (!clear(hold))
		cli_fail("%s: what this backup has held stays until the next one: %s", hold->data,
		         strerror(errno));
	close(hold->lock);
	hold->lock = -1;
}

void
hold_clear(const char *data, struct arena *arena)
{
	struct hold hold;

	if (!fill(data, arena, &hold) || (hold.lock = take_lock(data, arena)) < 0)
		return;
	(void)clear(&hold);
	close(hold.lock);
}
