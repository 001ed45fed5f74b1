/* Keeping videos: claim, fetch into a temporary file, look at it, settle it under its name, write the row.
 * Whoever dies on the way leaves a temporary file, or a whole one without a row; the next fetch replaces it,
 * or the sweep removes it. */
#include "domain/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/content.h"
#include "domain/env.h"
#include "domain/video_file.h"
#include "store/store.h"

#define PART ".part-" /* between a video's id and what makes the name of a temporary file its own */

enum {
	MB = 1000000,
	FULL_MS = 60 * 1000,       /* how long a full disk is left alone */
	LEFTOVER_S = 24 * 60 * 60, /* a temporary file that is older has been left behind */
};

char *
archive_path(struct arena *arena, const char *data, const char *video_id)
{
	size_t len = strlen(video_id);
	if (len < 2 || !ids_is_word(video_id, IDS_VIDEO_SIZE) || video_id[0] == '.')
		return NULL;
	return arena_printf(arena, "%s/archive/%s/%s", data, video_id + len - 2, video_id);
}

int64_t
archive_next_try(int64_t n, double dice)
{
	/* Links of upstreams live for an hour to a day: what has not come by then never will. */
	static const int64_t minutes[] = {1, 5, 15, 60, 180, 360, 720};
	if (n < 1 || n > (int64_t)(sizeof(minutes) / sizeof(minutes[0])))
		return 0;
	return (int64_t)((double)(minutes[n - 1] * 60000) * (0.8 + 0.4 * dice));
}

/* ---- fetching ---- */

struct fetching {
	const atomic_bool *stop;
	int fd;
	int64_t length; /* as stated; -1 = it is not */
	int64_t got, most;
	int64_t until; /* clock_mono_ms() */
	enum err_code why;
};

static bool
on_head(void *cookie, const struct content_head *head)
{
	struct fetching *f = cookie;
	f->length = head->length;
	if (head->status != 200 || f->length > f->most)
		f->why = head->status != 200 ? ERR_UPSTREAM_FAILED : ERR_TOO_LARGE;
	return f->why == ERR_OK;
}

static bool
goes_on(void *cookie)
{
	struct fetching *f = cookie;
	if (atomic_load(f->stop))
		f->why = ERR_STOPPING;
	else if (clock_mono_ms() > f->until)
		f->why = ERR_TIMEOUT;
	return f->why == ERR_OK;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct fetching *f = cookie;
	f->got += (int64_t)len;
	if (f->got > f->most)
		f->why = ERR_TOO_LARGE;
	else if (!file_write_all(f->fd, bytes, len))
		f->why = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
	return f->why == ERR_OK;
}

/* Fetches into the open file; writes its type. */
static enum err_code
fetch(const struct domain_env *env, struct arena *arena, const struct task *task, struct fetching *f,
      const char **ret_type)
{
	const struct content_sink sink = {on_head, on_data, f, goes_on};
	enum video_end end = VIDEO_BROKEN;
	enum err_code err = content_fetch(env->channels, arena, task, NULL, &sink);
	if (f->why != ERR_OK)
		return f->why;
	if (err != ERR_OK)
		return err;
	const char *type = video_file_type(f->fd, f->got, &end);
	/* Without a length a break cannot be told from the end, unless the video itself tells. */
	if (type == NULL || end == VIDEO_BROKEN || (f->length < 0 && end != VIDEO_WHOLE) ||
	    (f->length >= 0 && f->got != f->length))
		return ERR_UPSTREAM_FAILED;
	*ret_type = type;
	return ERR_OK;
}

/* Makes a directory that lasts. */
static bool
make_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 || (file_make_dir(path) && file_sync_dir_of(path) == ERR_OK);
}

static bool
is_part_of(const char *name, const char *video_id)
{
	size_t len = strlen(video_id);
	return strncmp(name, video_id, len) == 0 && strncmp(name + len, PART, strlen(PART)) == 0;
}

/* Removes the temporary files of a video: only who has the lease may keep it, so those that are there were
 * left behind by others, or come to nothing. */
static void
clear_parts(const char *folder, const char *video_id)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (is_part_of(entry->d_name, video_id))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}

/* A file beside `path`, for as long as it is not whole. */
static int
open_part(const char *data, const char *path, char *part, size_t size)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	if (snprintf(dir, sizeof(dir), "%s/archive", data) >= (int)sizeof(dir) || !make_dir(dir) ||
	    snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path) >= (int)sizeof(dir) ||
	    !make_dir(dir) || snprintf(part, size, "%s" PART "XXXXXX", path) >= (int)size)
		return -1;
	clear_parts(dir, slash + 1);
	return mkostemp(part, O_CLOEXEC);
}

/* Puts the whole file under its name and writes its row, in one transaction: who has lost the lease, or whose
 * task was deleted meanwhile, changes nothing but his own temporary file. A crash in between leaves a file
 * without a row. */
static enum err_code
settle(const struct domain_env *env, const struct task *task, const struct archived *file, const char *part,
       const char *path)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_archive_keep(env->store, task->id, env->owner, file);
	if (err == ERR_OK && rename(part, path) != 0)
		err = ERR_INTERNAL;
	if (err == ERR_OK)
		err = file_sync_dir_of(path);
	fault_point("archive.settled");
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	return err;
}

/* Fetches the task's video and keeps it. */
static enum err_code
keep(const struct domain_env *env, struct arena *arena, const struct task *task, const atomic_bool *stop)
{
	char part[4096];
	const char *type = NULL;
	int64_t budget = env->config->archive_max_mb * MB;
	const char *path = archive_path(arena, env->config->data, task->video_id);
	if (path == NULL)
		return ERR_NO_MEMORY;
	struct fetching f = {
	    .stop = stop,
	    .fd = open_part(env->config->data, path, part, sizeof(part)),
	    .length = -1,
	    .most = budget < LIMIT_VIDEO_KEPT ? budget : LIMIT_VIDEO_KEPT,
	    .until = clock_mono_ms() + env->config->archive_timeout,
	};
	if (f.fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
	enum err_code err = fetch(env, arena, task, &f, &type);
	if (err == ERR_OK && fsync(f.fd) != 0)
		err = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
	close(f.fd);
	fault_point("archive.fetched");
	const struct archived file = {.type = type, .size = f.got, .kept_at = clock_wall_ms()};
	if (err == ERR_OK)
		err = settle(env, task, &file, part, path);
	if (err != ERR_OK)
		unlink(part); /* gone already where only the commit failed */
	return err;
}

/* ---- rows ---- */

static enum err_code
claim(const struct domain_env *env, struct arena *arena, struct task *ret_task, int64_t *ret_tries)
{
	int64_t now = clock_wall_ms();
	const struct task_claim wanted = {.owner = env->owner,
	                                  .now = now,
	                                  .until =
	                                      now + env->config->archive_timeout + env->config->lease_margin};
	int64_t due;
	enum err_code err = store_archive_next_due(env->store, &due);
	if (err == ERR_OK && due > now)
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_archive_claim(env->store, arena, &wanted, ret_task, ret_tries);
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	return err;
}

static enum err_code
note_failure(const struct domain_env *env, const struct task *task, int64_t tries, enum err_code why)
{
	int64_t now = clock_wall_ms(), wait = archive_next_try(tries + 1, crypto_dice());
	/* What is not the upstream's doing does not count against it. */
	bool ours = why == ERR_NO_SPACE || why == ERR_NO_MEMORY || why == ERR_INTERNAL || why == ERR_STOPPING;
	if (ours)
		wait = why == ERR_STOPPING ? 1 : FULL_MS;
	else if (why == ERR_CONTENT_GONE || why == ERR_TOO_LARGE)
		wait = 0;
	enum err_code err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_archive_rest(env->store, task->id, env->owner, wait > 0 ? now + wait : 0, !ours);
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	if (why != ERR_STOPPING)
		log_warn("a video could not be kept%s: task=%s why=%s", wait == 0 ? ", and is given up" : "",
		         task->video_id, err_word(why));
	return err == ERR_CONFLICT ? ERR_OK : err;
}

/* ---- removing ---- */

static enum err_code
drop(const struct domain_env *env, struct arena *arena, const struct archived *file)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_archive_drop(env->store, file->task_id);
	if (err == ERR_OK)
		err = store_commit(env->store);
	store_rollback(env->store);
	const char *path = archive_path(arena, env->config->data, file->video_id);
	if (err == ERR_OK && path != NULL)
		unlink(path);
	return err;
}

/* Removes the oldest files until there are at most `bytes`, and all that were kept before `since`. The sum is
 * read anew, and after the oldest: two that trim at once then drop the same file, and not one each. */
static enum err_code
trim(const struct domain_env *env, struct arena *arena, int64_t bytes, int64_t since)
{
	enum err_code err = ERR_OK;
	while (err == ERR_OK) {
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

enum err_code
archive_step(const struct domain_env *env, struct arena *arena, const atomic_bool *stop, bool *ret_did)
{
	struct task task;
	int64_t tries = 0;
	*ret_did = false;
	enum err_code err = claim(env, arena, &task, &tries);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*ret_did = true;
	fault_point("archive.claimed");
	enum err_code why = keep(env, arena, &task, stop);
	fault_point("archive.kept");
	if (why == ERR_CONFLICT)
		return ERR_OK;
	if (why != ERR_OK)
		return note_failure(env, &task, tries, why);
	log_info("a video is kept: task=%s", task.video_id);
	return trim(env, arena, env->config->archive_max_mb * MB, 0);
}

/* ---- looking through all files ---- */

/* What is done with a file: the directory that it lies in, its name, what stat() says. */
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
	return strstr(name, PART) != NULL;
}

static bool
is_old(const struct stat *st)
{
	return clock_wall_ms() / 1000 - st->st_mtim.tv_sec > LEFTOVER_S;
}

/* Removes a file that no row knows and nobody can be working on. */
static enum err_code
sweep_file(void *cookie, int dir, const char *name, const struct stat *st)
{
	const struct domain_env *env = cookie;
	int64_t size = -1;
	if (!is_old(st))
		return ERR_OK;
	enum err_code err = is_part(name) ? ERR_OK : store_archive_known(env->store, name, &size);
	if (err == ERR_OK && size < 0)
		unlinkat(dir, name, 0);
	return err;
}

enum err_code
archive_sweep(const struct domain_env *env, struct arena *arena)
{
	struct domain_env copy = *env;
	int64_t now = clock_wall_ms(), keep_ms = env->config->archive_keep;
	enum err_code err =
	    trim(env, arena, env->config->archive_max_mb * MB, keep_ms > 0 ? now - keep_ms : 0);
	return err == ERR_OK ? each_file(arena, env->config->data, sweep_file, &copy) : err;
}

struct counting {
	struct store *store;
	int64_t found, stray;
};

static enum err_code
count_file(void *cookie, int dir, const char *name, const struct stat *st)
{
	struct counting *counting = cookie;
	int64_t size = -1;
	(void)dir;
	enum err_code err = is_part(name) ? ERR_OK : store_archive_known(counting->store, name, &size);
	counting->found += size == (int64_t)st->st_size;
	counting->stray += size < 0 && (!is_part(name) || is_old(st));
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
