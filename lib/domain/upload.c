/* Reference images: see upload.h. */
#include "domain/upload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#define DIR "%s/uploads"

char *
upload_dir(struct arena *arena, const char *data)
{
	return arena_printf(arena, DIR, data);
}

char *
upload_path(struct arena *arena, const char *data, const char *name)
{
	return arena_printf(arena, DIR "/%s", data, name);
}

bool
upload_make_dir(const char *data)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), DIR, data);
	if (file_make_dir(path))
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

void
upload_remove(const char *data, const char *name)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof(path), DIR "/%s", data, name) < (int)sizeof(path))
		unlink(path);
}

void
upload_remove_listed(const char *data, const char *images)
{
	const struct json *list = NULL;
	if (images == NULL)
		return;
	struct arena *arena = arena_new();
	if (arena == NULL || json_parse(arena, images, strlen(images), &list) != ERR_OK)
		log_error("the images of a deleted task cannot be told, and stay in " DIR, data);
	for (const struct json *image = json_first(list); image != NULL; image = json_next(image)) {
		const char *name = json_string(json_get(image, "file"));
		if (name != NULL)
			upload_remove(data, name);
	}
	arena_free(arena);
}
