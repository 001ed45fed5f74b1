/* Reference images: see upload.h. */
#include "domain/upload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/ids.h"
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

enum err_code
upload_share(struct arena *arena, const char *data, const char *name, const char **ret_name)
{
	char id[IDS_SHORT_SIZE];
	ids_short(id);
	const char *ending = strrchr(name, '.');
	const char *other = arena_printf(arena, "%s%s", id, ending != NULL ? ending : "");
	const char *from = upload_path(arena, data, name);
	const char *to = other != NULL ? upload_path(arena, data, other) : NULL;
	if (from == NULL || to == NULL)
		return ERR_NO_MEMORY;
	if (link(from, to) != 0)
		return file_error();
	enum err_code err = file_sync_dir_of(to);
	if (err != ERR_OK)
		unlink(to);
	else
		*ret_name = other;
	return err;
}

enum err_code
upload_share_listed(struct arena *arena, const char *data, const char *images, const char **ret_images)
{
	const struct json *list;
	struct jsonw w;
	enum err_code err = json_parse(arena, images, strlen(images), &list);
	struct buf *text = buf_in_arena(arena, 2 * strlen(images) + IDS_SHORT_SIZE);
	if (err != ERR_OK || text == NULL)
		return err == ERR_OK || err == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_INTERNAL;
	jsonw_init(&w, text);
	jsonw_array(&w, NULL);
	for (const struct json *image = json_first(list); image != NULL && err == ERR_OK;
	     image = json_next(image)) {
		const char *name = json_string(json_get(image, "file"));
		err = name != NULL ? upload_share(arena, data, name, &name) : ERR_INTERNAL;
		if (err != ERR_OK)
			break;
		jsonw_object(&w, NULL);
		jsonw_string(&w, "role", json_string(json_get(image, "role")));
		jsonw_string(&w, "file", name);
		jsonw_string(&w, "type", json_string(json_get(image, "type")));
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	if (err == ERR_OK && text->failed)
		err = ERR_NO_MEMORY;
	if (err == ERR_OK)
		*ret_images = buf_str(text);
	else
		upload_remove_listed(data, buf_str(text));
	return err;
}
