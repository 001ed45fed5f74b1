/* Room for the archive. Since when the disk has been too full stands in the times of an empty file,
 * DATA/archive/.short, as times can be written where nothing else can: mtime is the first look that found it
 * so, atime the latest. The row goes before the file: a crash in between leaves a file that the sweep
 * removes.
 */
#include "domain/video/space.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/video/path.h"
#include "domain/env.h"
#include "store/archive.h"
#include "store/store.h"

enum {
	MB = 1000000,
	LOOK_GAP_S = 2 * 60 * 60 /* what waits for room looks each minute */
};

int64_t
archive_room(const struct config *config)
{
	char path[4096];
	struct statvfs fs;
	if (snprintf(path, sizeof(path), "%s/archive", config->data) >= (int)sizeof(path) ||
	    (statvfs(path, &fs) != 0 && statvfs(config->data, &fs) != 0)) /* there may be none yet */
		return INT64_MAX;
	return (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize) - config->archive_reserve_mb * MB;
}

static enum err_code
drop(const struct domain_env *env, struct arena *arena, const struct archive_entry *file)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_archive_drop(env->store, file->task_id);
	err = store_end(env->store, err);
	const char *path = archive_path(arena, env->config->data, file->video_id);
	if (err == ERR_OK && path != NULL)
		unlink(path);
	return err;
}

/* The sum is read anew, and after the oldest: two that trim at once then drop the same file, and not one
 * each.
 */
enum err_code
archive_trim(const struct domain_env *env, struct arena *arena, int64_t since, const atomic_bool *stop)
{
	enum err_code err = ERR_OK;
	int64_t bytes = env->config->archive_max_mb * MB;
	while (err == ERR_OK && !atomic_load(stop)) {
		struct archive_entry oldest;
		int64_t count, total = 0;
		err = store_archive_oldest(env->store, arena, &oldest);
		if (err == ERR_OK)
			err = store_archive_total(env->store, &count, &total);
		if (err != ERR_OK || (total <= bytes && oldest.kept_at >= since))
			break;
		err = drop(env, arena, &oldest);
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The bytes in DATA/tmp. */
static int64_t
passing_bytes(const struct config *config)
{
	char path[4096];
	struct stat st;
	const struct dirent *entry;
	int64_t bytes = 0;
	snprintf(path, sizeof(path), "%s/tmp", config->data);
	DIR *dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			bytes += (int64_t)st.st_blocks * 512;
	if (dir != NULL)
		closedir(dir);
	return bytes;
}

/* Notes that there is no room now. True where there was none at any look for ARCHIVE_PATIENCE. */
static bool
is_lasting(const struct config *config)
{
	char path[4096];
	struct stat st;
	time_t now = (time_t)(clock_wall_ms() / 1000);
	snprintf(path, sizeof(path), "%s/archive/.short", config->data);
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool known = fstat(fd, &st) == 0 && st.st_size == 0;
	/* A while without a look says nothing of what was in it; nor does a clock that was set back. */
	bool goes_on = known && st.st_mtim.tv_sec <= st.st_atim.tv_sec && st.st_atim.tv_sec <= now &&
	               now - st.st_atim.tv_sec <= LOOK_GAP_S;
	time_t since = goes_on ? st.st_mtim.tv_sec : now;
	bool noted = futimens(fd, (struct timespec[2]){{.tv_sec = now}, {.tv_sec = since}}) == 0;
	close(fd);
	return noted && now - since >= ARCHIVE_PATIENCE;
}

void
archive_room_found(const struct config *config)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof(path), "%s/archive/.short", config->data);
	/* Where it has lasted, what was found is what the oldest have left: only twice the reserve tells of
	 * another disk. */
	if (stat(path, &st) == 0 && (st.st_atim.tv_sec - st.st_mtim.tv_sec < ARCHIVE_PATIENCE ||
	                             archive_room(config) > config->archive_reserve_mb * MB))
		unlink(path);
}

/* What was removed is counted, and the disk not asked again: somebody who still reads a file keeps its bytes,
 * and others may fill the disk as fast as it is emptied. */
enum err_code
archive_make_room(const struct domain_env *env, struct arena *arena, int64_t bytes, const atomic_bool *stop,
                  bool *ret_made)
{
	int64_t count, total = 0, made = 0;
	int64_t room = archive_room(env->config);
	*ret_made = false;
	if (room < bytes)
		room += passing_bytes(env->config);
	if (room >= bytes || !is_lasting(env->config))
		return ERR_OK;
	enum err_code err = store_archive_total(env->store, &count, &total);
	/* All of them together would not do: then they stay. */
	bool can = err == ERR_OK && total >= bytes - room;
	while (err == ERR_OK && can && made < bytes - room && !atomic_load(stop)) {
		struct archive_entry oldest;
		err = store_archive_oldest(env->store, arena, &oldest);
		if (err == ERR_OK)
			err = drop(env, arena, &oldest);
		if (err == ERR_OK)
			made += oldest.size;
	}
	if (made > 0)
		log_info(
		    "the disk has been almost full for hours: the oldest videos made room, bytes=%" PRId64,
		    made);
	*ret_made = made > 0;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
