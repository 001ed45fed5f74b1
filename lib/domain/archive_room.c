/* Room for the archive. The row goes before the file: a crash in between leaves a file that the sweep
 * removes.
 */
#include "domain/archive_room.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/archive_path.h"
#include "domain/env.h"
#include "store/archive.h"
#include "store/store.h"

enum { MB = 1000000 };

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
drop(const struct domain_env *env, struct arena *arena, const struct archived *file)
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
		struct archived oldest;
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

/* What was removed is counted, and the disk not asked again: somebody who still reads a file keeps its bytes,
 * and others may fill the disk as fast as it is emptied. */
enum err_code
archive_make_room(const struct domain_env *env, struct arena *arena, int64_t bytes, const atomic_bool *stop,
                  bool *ret_made)
{
	int64_t count, total = 0, room = archive_room(env->config), made = 0;
	enum err_code err = store_archive_total(env->store, &count, &total);
	/* All of them together would not do: then they stay. */
	bool can = err == ERR_OK && room < bytes && total >= bytes - room;
	while (err == ERR_OK && can && made < bytes - room && !atomic_load(stop)) {
		struct archived oldest;
		err = store_archive_oldest(env->store, arena, &oldest);
		if (err == ERR_OK)
			err = drop(env, arena, &oldest);
		if (err == ERR_OK)
			made += oldest.size;
	}
	if (made > 0)
		log_info("the disk is almost full: the oldest videos made room, bytes=%" PRId64, made);
	*ret_made = made > 0;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
