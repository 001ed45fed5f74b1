/* Profiles by name or by file: see profile.h. */
#include "profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ids.h"
#include "cli.h"
#include "upstream/dialect/dialect.h"

#define SUFFIX ".json"

enum { NAME_MOST = 64 };

/* The name of a profile's file without its suffix, in the arena; NULL where it has another. */
static const char *
stem(const char *file, struct arena *arena)
{
	size_t len = strlen(file), end = strlen(SUFFIX);
	bool good = len > end && strcmp(file + len - end, SUFFIX) == 0;
	return good ? arena_strndup(arena, file, len - end) : NULL;
}

struct list {
	struct profile_file *files;
	size_t count, room;
};

static bool
has(const struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->files[i].name, name) == 0)
			return true;
	return false;
}

/* Adds the profiles of a folder, by name, but those whose name is there. False when memory is short. */
static bool
add_dir(struct list *list, const char *dir, const char *where, struct arena *arena)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, NULL, alphasort);
	size_t room = list->count + (count > 0 ? (size_t)count : 0) + 1;
	struct profile_file *files = arena_alloc(arena, room * sizeof(*files));
	if (files != NULL && list->count > 0)
		memcpy(files, list->files, list->count * sizeof(*files));
	list->files = files;
	for (int i = 0; i < count; i++) {
		const char *name = stem(entries[i]->d_name, arena);
		if (files != NULL && name != NULL && !has(list, name))
			files[list->count++] = (struct profile_file){dir, name, where};
		free(entries[i]);
	}
	free(entries);
	return files != NULL && !arena_failed(arena);
}

const struct profile_file *
profile_files(const struct cli_call *call, struct arena *arena, size_t *ret_count)
{
	struct list list = {0};
	const char *shipped = dialect_shipped_dir(arena);
	const char *own = call->data ? arena_printf(arena, "%s/dialects", call->data) : NULL;
	if (shipped == NULL || (own != NULL && !add_dir(&list, own, "own", arena)) ||
	    !add_dir(&list, shipped, "shipped", arena))
		return NULL;
	*ret_count = list.count;
	return list.files;
}

/* Loads the profile of a file, whose name must be that of a profile. */
static struct dialect *
load_file(const char *path, struct arena *arena, char ret_why[PROFILE_WHY_SIZE])
{
	const char *slash = strrchr(path, '/'), *name = stem(slash ? slash + 1 : path, arena);
	const char *dir = slash ? arena_strndup(arena, path, (size_t)(slash - path)) : ".";
	if (name == NULL || dir == NULL || !ids_is_word(name, NAME_MOST)) {
		snprintf(ret_why, PROFILE_WHY_SIZE,
		         "%.400s: the file of a profile is named NAME%s, NAME a word of letters and digits",
		         path, SUFFIX);
		return NULL;
	}
	return dialect_load(dir, name, ret_why, PROFILE_WHY_SIZE);
}

struct dialect *
profile_load(const struct cli_call *call, const char *operand, struct arena *arena,
             char ret_why[PROFILE_WHY_SIZE])
{
	const char *shipped = dialect_shipped_dir(arena);
	if (strchr(operand, '/') != NULL || stem(operand, arena) != NULL)
		return load_file(operand, arena, ret_why);
	if (shipped != NULL && call->data != NULL)
		return dialect_load_for(call->data, shipped, operand, ret_why, PROFILE_WHY_SIZE);
	if (shipped != NULL)
		return dialect_load(shipped, operand, ret_why, PROFILE_WHY_SIZE);
	snprintf(ret_why, PROFILE_WHY_SIZE, "not enough memory");
	return NULL;
}
