/* The mark of the archive: see mark.h. That of the folder is written first: a crash in between leaves one
 * without a copy, which is then taken over, as after a restore without one. */
#include "domain/video/mark.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/file.h"
#include "base/ids.h"
#include "domain/env.h"
#include "store/archive.h"

static const char copy_name[] = "archive.mark", mark_name[] = "archive/.mark";

/* Reads a mark. False where there is none that can be read. */
static bool
read_mark(const char *data, const char *name, char ret_mark[IDS_SHORT_SIZE])
{
	char path[PATH_MAX];
	struct buf text;
	if (snprintf(path, sizeof(path), "%s/%s", data, name) >= (int)sizeof(path))
		return false;
	buf_init(&text, IDS_SHORT_SIZE);
	bool read = file_read(path, &text) == ERR_OK && text.len > 0 && text.len < IDS_SHORT_SIZE &&
	            ids_is_word(buf_str(&text), IDS_SHORT_SIZE);
	if (read)
		memcpy(ret_mark, buf_str(&text), text.len + 1);
	buf_free(&text);
	return read;
}

/* Writes a mark where there is no such file. It is whole or absent. */
static void
write_mark(const char *data, const char *name, const char *mark)
{
	char path[PATH_MAX], temporary[PATH_MAX], random[IDS_SHORT_SIZE];
	ids_short(random);
	if (snprintf(path, sizeof(path), "%s/%s", data, name) >= (int)sizeof(path) ||
	    snprintf(temporary, sizeof(temporary), "%s.%s", path, random) >= (int)sizeof(temporary))
		return;
	if (file_write_whole(temporary, mark, strlen(mark)) == ERR_OK && link(temporary, path) == 0)
		(void)file_sync_dir_of(path);
	unlink(temporary);
}

/* Whether there is a copy at all: one that cannot be read is one, too. */
static bool
has_copy(const char *data)
{
	char path[PATH_MAX];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", data, copy_name);
	return lstat(path, &st) == 0;
}

bool
archive_is_there(const char *data)
{
	char copy[IDS_SHORT_SIZE], mark[IDS_SHORT_SIZE];
	return !has_copy(data) || (read_mark(data, copy_name, copy) && read_mark(data, mark_name, mark) &&
	                           strcmp(copy, mark) == 0);
}

/* True for a folder with no video in it, nor a rest of one. */
static bool
is_empty(const char *path)
{
	const struct dirent *entry;
	bool empty = true;
	DIR *dir = opendir(path);
	while (empty && dir != NULL && (entry = readdir(dir)) != NULL)
		empty = entry->d_name[0] == '.' || strcmp(entry->d_name, "lost+found") == 0;
	if (dir != NULL)
		closedir(dir);
	return empty;
}

bool
archive_mark(const struct domain_env *env)
{
	const char *data = env->config->data;
	char mark[IDS_SHORT_SIZE], path[PATH_MAX];
	int64_t count = 0, bytes;
	struct stat st;
	if (has_copy(data))
		return archive_is_there(data);
	if (!read_mark(data, mark_name, mark)) {
		snprintf(path, sizeof(path), "%s/archive", data);
		if (store_archive_total(env->store, &count, &bytes) != ERR_OK)
			return true; /* the next step fails, too */
		bool made = lstat(path, &st) != 0 && errno == ENOENT;
		if (made ? !file_make_dir(path) : count > 0 && is_empty(path))
			return false;
		ids_short(mark);
		write_mark(data, mark_name, mark);
	}
	/* Another process may have been the first. On a full disk both are for a later time. */
	if (read_mark(data, mark_name, mark))
		write_mark(data, copy_name, mark);
	return true;
}
