/* Reads the images of a task: the first one has columns of its own, the others stand in a list. */
#include "model/image.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/task.h"

const char *
image_type(const uint8_t *bytes, size_t len)
{
	static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	if (len >= sizeof(png) && memcmp(bytes, png, sizeof(png)) == 0)
		return "image/png";
	if (len >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
		return "image/jpeg";
	if (len >= IMAGE_MAGIC && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0)
		return "image/webp";
	return NULL;
}

const char *
image_role_word(enum image_role role)
{
	static const char *const words[IMAGE_ROLE__MAX] = {
	    [IMAGE_FIRST] = "first", [IMAGE_LAST] = "last", [IMAGE_REFERENCE] = "reference"};
	return words[role];
}

static bool
read_image(const struct json *from, struct task_image *image)
{
	const char *role = json_string(json_get(from, "role"));
	image->file = json_string(json_get(from, "file"));
	image->type = json_string(json_get(from, "type"));
	image->role = role && strcmp(role, "last") == 0 ? IMAGE_LAST : IMAGE_REFERENCE;
	return role && image->file && image->type &&
	       (image->role == IMAGE_LAST || strcmp(role, "reference") == 0);
}

const struct task_image *
task_images(struct arena *arena, const struct task *task, size_t *ret_count)
{
	const struct json *list = NULL;
	size_t count = 0;
	if (task->images && json_parse(arena, task->images, strlen(task->images), &list) != ERR_OK)
		return NULL;
	struct task_image *images = arena_alloc(arena, (json_size(list) + 1) * sizeof(*images));
	if (images == NULL)
		return NULL;
	if (task->input_file)
		images[count++] = (struct task_image){IMAGE_FIRST, task->input_file,
		                                      task->input_type ? task->input_type : "image/png"};
	for (const struct json *v = json_first(list); v; v = json_next(v))
		if (!read_image(v, &images[count++]))
			return NULL;
	*ret_count = count;
	return images;
}
