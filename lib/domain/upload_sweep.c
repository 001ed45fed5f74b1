/* Removes images that no task names: a crash between the last byte of an image and the commit of its task
 * leaves one. Only old ones: a younger one may still become a task's, and after the restore of a backup rows
 * may be behind the disk. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/upload.h"
#include "store/image.h"

enum {
	OLD_S = 24 * 60 * 60,
	PAGE = 200,    /* rows at a time */
	BATCH = 10000, /* files that are removed in one sweep at most */
};

struct old_file {
	const char *name;
	bool known;
};

struct old_files {
	struct old_file *list;
	size_t count, room;
};

static enum err_code
add_file(struct arena *arena, struct old_files *files, const char *name)
{
	if (files->count == files->room) {
		size_t room = files->room > 0 ? 2 * files->room : 256;
		struct old_file *list = realloc(files->list, room * sizeof(*list));
		if (list == NULL)
			return ERR_NO_MEMORY;
		files->list = list;
		files->room = room;
	}
	const char *copy = arena_strdup(arena, name);
	if (copy == NULL)
		return ERR_NO_MEMORY;
	files->list[files->count++] = (struct old_file){.name = copy};
	return ERR_OK;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct old_file *)a)->name, ((const struct old_file *)b)->name);
}

/* Lists the old files, sorted. */
static enum err_code
list_old(struct arena *arena, DIR *dir, struct old_files *files)
{
	int64_t now = clock_wall_ms() / 1000;
	enum err_code err = ERR_OK;
	const struct dirent *entry;
	struct stat st;
	while (err == ERR_OK && (entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && now - st.st_mtim.tv_sec > OLD_S)
			err = add_file(arena, files, entry->d_name);
	if (err == ERR_OK && files->count > 0)
		qsort(files->list, files->count, sizeof(*files->list), compare);
	return err;
}

static void
note(struct old_files *files, const char *name)
{
	const struct old_file wanted = {.name = name};
	struct old_file *found = bsearch(&wanted, files->list, files->count, sizeof(wanted), compare);
	if (found != NULL)
		found->known = true;
}

/* Notes the files that a row names. */
static enum err_code
note_row(struct arena *arena, struct old_files *files, const struct image_row *row)
{
	const struct json *list = NULL;
	enum err_code err = ERR_OK;
	if (row->input_file != NULL)
		note(files, row->input_file);
	if (row->images != NULL)
		err = json_parse(arena, row->images, strlen(row->images), &list);
	for (const struct json *image = json_first(list); image != NULL; image = json_next(image)) {
		const char *name = json_string(json_get(image, "file"));
		if (name != NULL)
			note(files, name);
	}
	return err;
}

/* Notes the files that any row names. */
static enum err_code
note_all(const struct domain_env *env, struct old_files *files, const atomic_bool *stop)
{
	struct image_row *rows = NULL;
	int64_t after = 0;
	size_t count = 1;
	enum err_code err = ERR_OK;
	struct arena *arena = arena_new();
	if (arena == NULL)
		return ERR_NO_MEMORY;
	while (err == ERR_OK && count > 0) {
		arena_reset(arena);
		err = atomic_load(stop) ? ERR_STOPPING
		                        : store_images_after(env->store, arena, after, PAGE, &rows, &count);
		for (size_t i = 0; i < count && err == ERR_OK; i++) {
			err = note_row(arena, files, &rows[i]);
			after = rows[i].task_id;
		}
	}
	arena_free(arena);
	return err;
}

enum err_code
upload_sweep(const struct domain_env *env, struct arena *arena, const atomic_bool *stop)
{
	struct old_files files = {0};
	size_t removed = 0;
	const char *path = upload_dir(arena, env->config->data);
	DIR *dir = path != NULL ? opendir(path) : NULL;
	if (dir == NULL)
		return path == NULL ? ERR_NO_MEMORY : ERR_OK;
	enum err_code err = list_old(arena, dir, &files);
	if (err == ERR_OK && files.count > 0)
		err = note_all(env, &files, stop);
	for (size_t i = 0; i < files.count && err == ERR_OK && removed < BATCH; i++)
		removed += !files.list[i].known && unlinkat(dirfd(dir), files.list[i].name, 0) == 0;
	if (removed > 0)
		log_info("images without a task were removed: count=%zu", removed);
	closedir(dir);
	free(files.list);
	return err == ERR_STOPPING ? ERR_OK : err;
}
