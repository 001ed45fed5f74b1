/* Keeps videos: claims one, fetches it into a temporary file, checks it, renames it and writes its row. A
 * crash on the way leaves a temporary file, or a whole one without a row; the next fetch replaces or takes
 * it, or the sweep removes it. */
#include "domain/video/archive.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/kill_point.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/video/access.h"
#include "domain/video/backlog.h"
#include "domain/video/path.h"
#include "domain/video/space.h"
#include "domain/video/content.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/video/format.h"
#include "store/archive.h"
#include "store/clock.h"
#include "store/store.h"
#include "upstream/http/origin.h"

enum {
	MB = 1000000,
	OWN_FAULT_MS = 60 * 1000, /* the wait after a fault of our own, such as a full disk */
	GONE_TRIES = 3, /* give up after so many answers that the video is not there: it may not be yet */
	TRIES = 7,      /* see archive_next_try() */
	LOOKS = 16,     /* at old videos, in one step */
	NEW_MS = 15 * 60 * 1000,           /* since it was due: the video comes before all others */
	LINK_LIFE_MS = 24 * 60 * 60 * 1000 /* links of upstreams live for an hour to a day */
};

int64_t
archive_next_try(int64_t n, double dice)
{
	/* Upstreams' links live for an hour to a day: after that no try succeeds. */
	static const int64_t minutes[] = {1, 5, 15, 60, 180, 360, 720};
	if (n < 1 || n > (int64_t)(sizeof(minutes) / sizeof(minutes[0])))
		return 0;
	return (int64_t)((double)(minutes[n - 1] * 60000) * (0.8 + 0.4 * dice));
}

/* ---- fetching ---- */

struct fetching {
	const atomic_bool *stop;
	int fd;
	int64_t length; /* as stated; -1 = not stated */
	int64_t got, most;
	int64_t checked; /* `got` when the disk was last checked */
	const struct config *config;
	int64_t until; /* clock_mono_ms() */
	enum err_code why;
	char *cause;    /* DOWNLOAD_WHY_SIZE bytes */
	int64_t *asked; /* see struct trouble */
};

static bool
on_head(void *cookie, const struct download_head *head)
{
	struct fetching *f = cookie;
	f->length = head->length;
	if (head->status != 200)
		f->why = ERR_UPSTREAM_FAILED;
	else if (f->length > f->most)
		f->why = ERR_TOO_LARGE;
	else if (archive_room(f->config) < (f->length > 0 ? f->length : 0))
		f->why = ERR_NO_SPACE;
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
	bool check = f->got - f->checked >= ARCHIVE_LOOK;
	if (check)
		f->checked = f->got;
	if (f->got > f->most)
		f->why = ERR_TOO_LARGE;
	else if (check && archive_room(f->config) < 0)
		f->why = ERR_NO_SPACE;
	else if (!file_write_all(f->fd, bytes, len))
		f->why = file_error();
	return f->why == ERR_OK;
}

/* Fetches into the open file; ret_type: its media type. */
static enum err_code
fetch_into_file(const struct domain_env *env, struct arena *arena, const struct task *task,
                struct fetching *f, const char **ret_type)
{
	const struct download_sink sink = {on_head, on_data, f, goes_on, f->cause, f->asked};
	enum video_end end = VIDEO_BROKEN;
	enum err_code err = content_fetch(env->channels, arena, task, NULL, &sink);
	if (f->why != ERR_OK)
		return f->why;
	if (err != ERR_OK)
		return err;
	const char *type = video_file_type(f->fd, f->got, &end);
	/* Without a length, only the video itself can tell an end from a break. */
	if (type == NULL || end == VIDEO_BROKEN || (f->length < 0 && end != VIDEO_WHOLE) ||
	    (f->length >= 0 && f->got != f->length)) {
		snprintf(f->cause, DOWNLOAD_WHY_SIZE, "%s",
		         type == NULL ? "it is no video" : "the video is not whole");
		return ERR_UPSTREAM_FAILED;
	}
	*ret_type = type;
	return ERR_OK;
}

/* Makes a directory that survives a power cut. */
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
	return strncmp(name, video_id, len) == 0 &&
	       strncmp(name + len, ARCHIVE_PART, strlen(ARCHIVE_PART)) == 0;
}

/* Removes the temporary files of a video. We have its lease: they were left behind by a crash, or belong to a
 * process that has lost the lease. */
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

/* Makes and opens a temporary file beside `path`. -1 with errno. */
static int
open_part(const struct config *config, const char *path, char *part, size_t size)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	if (snprintf(dir, sizeof(dir), "%s/archive", config->data) >= (int)sizeof(dir) || !make_dir(dir) ||
	    snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path) >= (int)sizeof(dir) ||
	    !make_dir(dir) || !archive_access_folder(config, dir) ||
	    snprintf(part, size, "%s" ARCHIVE_PART "XXXXXX", path) >= (int)size)
		return -1;
	clear_parts(dir, slash + 1);
	return mkostemp(part, O_CLOEXEC);
}

/* Renames the whole file, unless it has its name already (`part` is NULL), and writes its row, in one
 * transaction: where the lease was lost, or the task deleted, nothing is changed but the temporary file. A
 * crash in between leaves a file without a row. */
static enum err_code
keep_file(const struct domain_env *env, const struct task *task, const struct archive_entry *file,
          const char *part, const char *path)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_archive_keep(env->store, task->id, env->owner, file);
	if (err == ERR_OK && part != NULL && rename(part, path) != 0)
		err = file_error();
	if (err == ERR_OK)
		err = file_sync_dir_of(path);
	kill_point("archive.settled");
	return store_end(env->store, err);
}

/* True where a good video has its name already, left by a crash before its row was written, or from before a
 * backup was restored: it was whole when it was renamed. Writes its type and size. */
static bool
find_kept(const char *path, int64_t most, struct archive_entry *ret_file)
{
	struct stat st;
	enum video_end end = VIDEO_BROKEN;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	const char *type = NULL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= most)
		type = video_file_type(fd, st.st_size, &end);
	if (fd >= 0)
		close(fd);
	if (type == NULL || end == VIDEO_BROKEN)
		return false;
	*ret_file = (struct archive_entry){.type = type, .size = st.st_size, .kept_at = clock_wall_ms()};
	return true;
}

/* Why a video was not kept. */
struct trouble {
	enum err_code why;
	int64_t need;                  /* with ERR_NO_SPACE: the bytes that it takes, as far as is known */
	int64_t asked;                 /* the wait that the upstream asked for, in ms; 0 = none */
	char cause[DOWNLOAD_WHY_SIZE]; /* a phrase for the log, or "" */
};

/* Fetches the task's video and keeps it. */
static enum err_code
fetch_and_keep(const struct domain_env *env, struct arena *arena, const struct task *task,
               const atomic_bool *stop, struct trouble *trouble)
{
	char part[4096];
	struct archive_entry file = {0};
	int64_t budget = env->config->archive_max_mb * MB;
	const char *path = archive_path(arena, env->config->data, task->video_id);
	if (path == NULL)
		return ERR_NO_MEMORY;
	struct fetching f = {
	    .stop = stop,
	    .length = -1,
	    .most = budget < LIMIT_VIDEO_KEPT ? budget : LIMIT_VIDEO_KEPT,
	    .config = env->config,
	    .cause = trouble->cause,
	    .asked = &trouble->asked,
	    .until = clock_mono_ms() + env->config->archive_timeout,
	};
	if (find_kept(path, f.most, &file))
		return keep_file(env, task, &file, NULL, path);
	f.fd = open_part(env->config, path, part, sizeof(part));
	if (f.fd < 0)
		return file_error();
	enum err_code err = fetch_into_file(env, arena, task, &f, &file.type);
	if (err == ERR_OK && !archive_access_file(env->config, f.fd))
		err = ERR_INTERNAL;
	if (err == ERR_OK && fsync(f.fd) != 0)
		err = file_error();
	close(f.fd);
	kill_point("archive.fetched");
	file.size = f.got;
	file.kept_at = clock_wall_ms();
	if (err == ERR_OK)
		err = keep_file(env, task, &file, part, path);
	if (err != ERR_OK)
		unlink(part); /* renamed already where only the commit failed */
	trouble->need = f.length >= 0 ? f.length : f.got + ARCHIVE_LOOK;
	return err;
}

/* ---- rows ---- */

/* A video that is due. */
struct wanted {
	struct task task;
	int64_t tries;
	bool is_new; /* else it is of the backlog */
	char host[BACKLOG_HOST_SIZE];
};

/* Writes where the task's video is fetched from: the host of its link, or of its channel, which has it. */
static void
find_host(const struct domain_env *env, struct wanted *wanted)
{
	const struct channel *channel = NULL;
	const char *link = wanted->task.video_url;
	if (link == NULL)
		channel = channels_for_task(env->channels, &wanted->task);
	if (channel != NULL)
		link = channel->base;
	snprintf(wanted->host, sizeof(wanted->host), "%s", wanted->task.channel);
	if (link != NULL)
		origin_host(link, wanted->host, sizeof(wanted->host));
	channel_release(channel);
}

/* Finds what is not new, from where the last look ended: first what has failed least. Passes over hosts that
 * are left alone; ERR_NOT_FOUND where it has come to the end, or over many. */
static enum err_code
find_old(const struct domain_env *env, struct arena *arena, struct backlog *backlog, int64_t now,
         struct wanted *wanted)
{
	int64_t due_at;
	if (backlog->before == 0 || backlog->before > now + 1)
		backlog->before = now + 1;
	for (int looks = 0; looks < LOOKS;) {
		const struct archive_due due = {.tries = backlog->tries, .before = backlog->before};
		enum err_code err = store_archive_due(env->store, arena, &due, &wanted->task, &due_at);
		wanted->tries = due.tries;
		if (err == ERR_NOT_FOUND) {
			bool end = backlog->tries++ >= TRIES;
			backlog->before = now + 1;
			if (!end)
				continue;
			backlog->tries = 0;
		}
		if (err != ERR_OK)
			return err;
		backlog->before = due_at;
		find_host(env, wanted);
		if (!backlog_rests(backlog, wanted->host, clock_mono_ms()))
			return ERR_OK;
		looks++;
	}
	return ERR_NOT_FOUND;
}

/* Finds a video that is due and may be fetched now, and takes its lease, inside a transaction. */
static enum err_code
take_due(const struct domain_env *env, struct arena *arena, struct backlog *backlog, struct wanted *wanted)
{
	int64_t now = clock_wall_ms(), due_at;
	const struct archive_due fresh = {.tries = 0, .after = now - NEW_MS, .before = now + 1};
	enum err_code err = store_archive_due(env->store, arena, &fresh, &wanted->task, &due_at);
	wanted->tries = 0;
	wanted->is_new = err == ERR_OK;
	if (err == ERR_NOT_FOUND && backlog_may(backlog, clock_mono_ms()))
		err = find_old(env, arena, backlog, now, wanted);
	if (err != ERR_OK)
		return err;
	find_host(env, wanted);
	return store_archive_take(env->store, wanted->task.id, env->owner, now + lease_fetch(env->config));
}

static enum err_code
claim_due(const struct domain_env *env, struct arena *arena, struct backlog *backlog, struct wanted *wanted)
{
	int64_t due, step = 0;
	enum err_code err = store_archive_next_due(env->store, &due);
	if (err == ERR_OK && due > clock_wall_ms())
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_owed(env->store, &step);
	if (err == ERR_OK && step != 0) /* the leases of others seem to be over */
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = take_due(env, arena, backlog, wanted);
	return store_end(env->store, err);
}

/* True for the upstream's fault. Faults of our own do not count: a busy database is no reason to give a video
 * up. */
static bool
is_upstreams_fault(enum err_code why)
{
	return why == ERR_UPSTREAM_FAILED || why == ERR_CONTENT_GONE || why == ERR_TOO_LARGE ||
	       why == ERR_TIMEOUT || why == ERR_RANGE_NOT_SATISFIABLE;
}

/* `at_once`: try again without a wait. */
static enum err_code
note_failure(const struct domain_env *env, const struct wanted *wanted, const struct trouble *trouble,
             bool at_once)
{
	enum err_code why = trouble->why;
	const struct task *task = &wanted->task;
	int64_t now = clock_wall_ms(), wait = archive_next_try(wanted->tries + 1, crypto_dice());
	bool counts = is_upstreams_fault(why), old = now - task->completed_at > LINK_LIFE_MS;
	if (!counts)
		wait = at_once ? 1 : OWN_FAULT_MS;
	else if (why == ERR_TOO_LARGE || (old && wanted->tries > 0) ||
	         (why == ERR_CONTENT_GONE && wanted->tries + 1 >= GONE_TRIES))
		wait = 0;
	else if (wait > 0 && trouble->asked > wait)
		wait = trouble->asked;
	enum err_code err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err =
		    store_archive_return(env->store, task->id, env->owner, wait > 0 ? now + wait : 0, counts);
	err = store_end(env->store, err);
	const char *cause = trouble->cause[0] != '\0' ? trouble->cause : "-";
	const char *next = wait == 0 ? "given_up" : "tried_again";
	if (why != ERR_STOPPING && (wanted->is_new || (!counts && !old)))
		log_warn("a video could not be kept: task=%s why=%s cause=%s next=%s", task->video_id,
		         err_word(why), cause, next);
	else
		log_debug("an old video could not be kept: task=%s why=%s cause=%s next=%s", task->video_id,
		          err_word(why), cause, next);
	return err == ERR_CONFLICT ? ERR_OK : err;
}

/* Notes what fetching an old video has taken, and what it says of its host. */
static void
note_backlog(struct backlog *backlog, const struct wanted *wanted, enum err_code why, int64_t began)
{
	int64_t now = clock_mono_ms();
	if (wanted->is_new)
		return;
	backlog_spend(backlog, began, now);
	if (why == ERR_OK || is_upstreams_fault(why))
		backlog_note(backlog, wanted->host, why == ERR_OK, now);
	int64_t failed = backlog_tell(backlog, now);
	if (failed > 0)
		log_warn("old videos could not be kept: count=%" PRId64 " the_last_at=%s why=%s", failed,
		         wanted->host, err_word(why));
}

enum err_code
archive_step(const struct domain_env *env, struct arena *arena, struct backlog *backlog,
             const atomic_bool *stop, bool *ret_did)
{
	struct wanted wanted;
	struct trouble trouble = {0};
	bool at_once = false;
	*ret_did = false;
	enum err_code err = claim_due(env, arena, backlog, &wanted);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*ret_did = true;
	kill_point("archive.claimed");
	int64_t began = clock_mono_ms();
	trouble.why = fetch_and_keep(env, arena, &wanted.task, stop, &trouble);
	kill_point("archive.kept");
	note_backlog(backlog, &wanted, trouble.why, began);
	if (trouble.why == ERR_CONFLICT)
		return ERR_OK;
	if (trouble.why == ERR_OK) {
		log_info("a video is kept: task=%s", wanted.task.video_id);
		archive_room_found(env->config);
		return archive_trim(env, arena, 0, stop);
	}
	if (trouble.why == ERR_NO_SPACE)
		err = archive_make_room(env, arena, trouble.need, stop, &at_once);
	if (err == ERR_OK)
		err = note_failure(env, &wanted, &trouble, at_once || trouble.why == ERR_STOPPING);
	return err;
}
