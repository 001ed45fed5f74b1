/* Comparing rows and files: see sweep.h. A file without a row is removed only when it is old: after the
 * restore of a backup, rows may be behind the disk. */
#include "domain/video/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/video/mark.h"
#include "domain/video/path.h"
#include "domain/video/space.h"
#include "domain/env.h"
#include "store/archive.h"
#include "store/clock.h"
#include "store/store.h"

enum {
	STEP_MS = 2000,           /* a smaller step of the clock is a time server's correction */
	LEFTOVER_S = 24 * 60 * 60 /* an older file without a row was left behind */
};

/* Called for a file, with its open directory and its name. */
typedef enum err_code file_fn(void *cookie, int dir, const char *name, const struct stat *st);

static enum err_code
each_file(struct arena *arena, const char *data, file_fn *fn, void *cookie)
{
	enum err_code err = ERR_OK;
	const char *top_path = arena_printf(arena, "%s/archive", data);
	DIR *top = top_path != NULL ? opendir(top_path) : NULL;
	const struct dirent *folder, *entry;
	struct stat st;
	while (err == ERR_OK && top != NULL && (folder = readdir(top)) != NULL) {
		const char *path =
		    folder->d_name[0] != '.' ? arena_printf(arena, "%s/%s", top_path, folder->d_name) : NULL;
		DIR *dir = path != NULL ? opendir(path) : NULL;
		while (err == ERR_OK && dir != NULL && (entry = readdir(dir)) != NULL)
			if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    S_ISREG(st.st_mode))
				err = fn(cookie, dirfd(dir), entry->d_name, &st);
		if (dir != NULL)
			closedir(dir);
	}
	if (top != NULL)
		closedir(top);
	return err;
}

static bool
is_part(const char *name)
{
	return strstr(name, ARCHIVE_PART) != NULL;
}

static bool
is_old(const struct stat *st)
{
	return clock_wall_ms() / 1000 - st->st_mtim.tv_sec > LEFTOVER_S;
}

struct sweeping {
	const struct domain_env *env;
	const atomic_bool *stop;
};

/* Removes an old file without a row; a younger one may still be written to. */
static enum err_code
sweep_file(void *cookie, int dir, const char *name, const struct stat *st)
{
	const struct sweeping *sweeping = cookie;
	bool known = false;
	int64_t size;
	if (atomic_load(sweeping->stop))
		return ERR_STOPPING;
	if (!is_old(st))
		return ERR_OK;
	enum err_code err =
	    is_part(name) ? ERR_OK : store_archive_known(sweeping->env->store, name, &known, &size);
	if (err == ERR_OK && !known)
		unlinkat(dir, name, 0);
	return err;
}

/* Makes the video due for fetching. Removes the rest of its file, which could be taken for the whole. */
static enum err_code
refetch(const struct domain_env *env, const struct archive_entry *file, const char *path)
{
	enum err_code err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_archive_want(env->store, file->task_id, clock_wall_ms());
	if (err == ERR_OK)
		unlink(path);
	err = store_end(env->store, err);
	if (err == ERR_OK)
		log_warn("the file of a video is lost and will be fetched anew: task=%s", file->video_id);
	return err == ERR_CONFLICT ? ERR_OK : err; /* another process has removed it */
}

static enum err_code
refetch_lost(const struct sweeping *sweeping, struct arena *arena)
{
	const struct domain_env *env = sweeping->env;
	struct archive_entry file = {.kept_at = -1};
	enum err_code err = ERR_OK;
	while (err == ERR_OK && !atomic_load(sweeping->stop)) {
		struct stat st;
		err = store_archive_after(env->store, arena, file.kept_at, &file);
		if (err != ERR_OK)
			break;
		const char *path = archive_path(arena, env->config->data, file.video_id);
		if (path == NULL)
			return ERR_NO_MEMORY;
		bool there = lstat(path, &st) == 0;
		bool lost = there ? !S_ISREG(st.st_mode) || st.st_size != file.size : errno == ENOENT;
		if (lost && !archive_is_there(env->config->data))
			return ERR_STOPPING; /* it went away meanwhile */
		if (lost)
			err = refetch(env, &file, path);
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err_code
archive_sweep(const struct domain_env *env, struct arena *arena, const atomic_bool *stop)
{
	struct sweeping sweeping = {env, stop};
	int64_t keep_ms = env->config->archive_keep, now = clock_wall_ms(), step = 0;
	enum err_code err = store_clock_step(env->store, &step);
	if (err != ERR_OK || !archive_is_there(env->config->data))
		return err;
	/* After a step of the clock that is not noted yet, everything may seem old. */
	bool by_age = keep_ms > 0 && step > -STEP_MS && step < STEP_MS;
	err = archive_trim(env, arena, by_age ? now - keep_ms : 0, stop);
	if (err == ERR_OK)
		err = refetch_lost(&sweeping, arena);
	if (err == ERR_OK)
		err = each_file(arena, env->config->data, sweep_file, &sweeping);
	return err == ERR_STOPPING ? ERR_OK : err;
}

struct counting {
	struct store *store;
	int64_t found, stray;
};

static enum err_code
count_file(void *cookie, int dir, const char *name, const struct stat *st)
{
	struct counting *counting = cookie;
	bool known = false;
	int64_t size = -1;
	(void)dir;
	enum err_code err =
	    is_part(name) ? ERR_OK : store_archive_known(counting->store, name, &known, &size);
	counting->found += size == (int64_t)st->st_size;
	counting->stray += !known && (!is_part(name) || is_old(st));
	return err;
}

enum err_code
archive_check(struct store *store, struct arena *arena, const char *data, struct archive_state *ret_state)
{
	struct archive_state state = {0};
	struct counting counting = {.store = store};
	enum err_code err = store_archive_total(store, &state.count, &state.bytes);
	if (err == ERR_OK)
		err = each_file(arena, data, count_file, &counting);
	state.lost = state.count > counting.found ? state.count - counting.found : 0;
	state.stray = counting.stray;
	if (err == ERR_OK)
		*ret_state = state;
	return err;
}
