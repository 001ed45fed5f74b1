/* The archive's space: see space.h. The times of an empty file, DATA/archive/.short, tell since when the
 * disk has been too full, as a full disk still takes times: mtime is the first check that found it so, atime
 * the latest. A row is deleted before its file: a crash in between leaves a file that the sweep removes. */
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
	CHECK_GAP_S = 2 * 60 * 60 /* a video that waits for room is tried each minute */
};

int64_t
archive_room(const struct config *config)
{
	char path[4096];
	struct statvfs fs;
	if (snprintf(path, sizeof(path), "%s/archive", config->data) >= (int)sizeof(path) ||
	    (statvfs(path, &fs) != 0 && statvfs(config->data, &fs) != 0)) /* the folder may not exist yet */
		return INT64_MAX;
	return (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize) - config->archive_reserve_mb * MB;
}

static enum err_code
remove_video(const struct domain_env *env, struct arena *arena, const struct archive_entry *file)
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

static enum err_code
trim_by_age(const struct domain_env *env, struct arena *arena, int64_t since, const atomic_bool *stop)
{
	enum err_code err = ERR_OK;
	while (err == ERR_OK && !atomic_load(stop)) {
		struct archive_entry oldest;
		err = store_archive_oldest(env->store, arena, &oldest);
		if (err != ERR_OK || oldest.kept_at >= since)
			break;
		err = remove_video(env, arena, &oldest);
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The sum is read anew for each video, and after the one that is to go: so two processes that trim at once
 * remove the same one, not one each. */
enum err_code
archive_trim(const struct domain_env *env, struct arena *arena, int64_t since, const atomic_bool *stop)
{
	int64_t bytes = env->config->archive_max_mb * MB;
	enum err_code err = since > 0 ? trim_by_age(env, arena, since, stop) : ERR_OK;
	while (err == ERR_OK && !atomic_load(stop)) {
		struct archive_entry victim;
		int64_t count, total = 0;
		err = store_archive_victim(env->store, arena, &victim);
		if (err == ERR_OK)
			err = store_archive_total(env->store, &count, &total);
		if (err != ERR_OK || total <= bytes)
			break;
		err = remove_video(env, arena, &victim);
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Counts the bytes in DATA/tmp. */
static int64_t
tmp_bytes(const struct config *config)
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

/* Notes that there is no room now. True where there was none at each check for ARCHIVE_PATIENCE. */
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
	/* A long gap without a check begins anew; so does a clock that was set back. */
	bool goes_on = known && st.st_mtim.tv_sec <= st.st_atim.tv_sec && st.st_atim.tv_sec <= now &&
	               now - st.st_atim.tv_sec <= CHECK_GAP_S;
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
	/* After ARCHIVE_PATIENCE the room is what the removed videos left: only room for another reserve
	 * shows that the disk has space again. */
	if (stat(path, &st) == 0 && (st.st_atim.tv_sec - st.st_mtim.tv_sec < ARCHIVE_PATIENCE ||
	                             archive_room(config) > config->archive_reserve_mb * MB))
		unlink(path);
}

/* Counts the removed bytes instead of asking the disk again: a process that still reads a file keeps its
 * bytes allocated, and others may fill the disk as fast as it is emptied. */
enum err_code
archive_make_room(const struct domain_env *env, struct arena *arena, int64_t bytes, const atomic_bool *stop,
                  bool *ret_made)
{
	int64_t count, total = 0, made = 0;
	int64_t room = archive_room(env->config);
	*ret_made = false;
	if (room < bytes)
		room += tmp_bytes(env->config);
	if (room >= bytes || !is_lasting(env->config))
		return ERR_OK;
	enum err_code err = store_archive_total(env->store, &count, &total);
	/* Where all videos together are not enough, none is removed. */
	bool can = err == ERR_OK && total >= bytes - room;
	while (err == ERR_OK && can && made < bytes - room && !atomic_load(stop)) {
		struct archive_entry victim;
		err = store_archive_victim(env->store, arena, &victim);
		if (err == ERR_OK)
			err = remove_video(env, arena, &victim);
		if (err == ERR_OK)
			made += victim.size;
	}
	if (made > 0)
		log_info("the disk has been almost full for hours: kept videos made room, bytes=%" PRId64,
		         made);
	*ret_made = made > 0;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
