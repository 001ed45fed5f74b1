/* Writes sizes, ratios and images as upstreams want them: a client says 1280x720, one upstream wants
 * 1280*720, another 720p and 16:9. */
#include "upstream/dialect/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/task.h"

enum { SIDE_MAX = 100000 };

/* Reads the sides of the task's size, in pixels. False where it has no size of that form. */
static bool
read_sides(const struct task *task, int *ret_width, int *ret_height)
{
	int width, height, end = 0;
	if (!task->size || sscanf(task->size, "%6dx%6d%n", &width, &height, &end) != 2 || task->size[end])
		return false;
	if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
		return false;
	*ret_width = width;
	*ret_height = height;
	return true;
}

const char *
format_size(struct arena *arena, const struct task *task, enum field_type type)
{
	int width, height;
	if (type != TYPE_STAR)
		return task->size;
	return read_sides(task, &width, &height) ? arena_printf(arena, "%d*%d", width, height) : NULL;
}

const char *
format_resolution(struct arena *arena, const struct task *task, enum field_type type)
{
	static const int usual[] = {480, 720, 1080};
	int width, height;
	if (!read_sides(task, &width, &height))
		return NULL;
	int lines = width < height ? width : height;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (lines <= usual[i]) {
			lines = usual[i];
			break;
		}
	return arena_printf(arena, "%d%c", lines, type == TYPE_UPPER ? 'P' : 'p');
}

static int
common_divisor(int a, int b)
{
	while (b != 0) {
		int rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

const char *
format_aspect_ratio(struct arena *arena, const struct task *task, enum field_type type)
{
	static const int usual[][2] = {{16, 9}, {9, 16}, {1, 1}, {4, 3}, {3, 4}, {21, 9}, {9, 21}};
	int width, height;
	if (task->aspect_ratio || type != TYPE_FROM_SIZE || !read_sides(task, &width, &height))
		return task->aspect_ratio;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		double wanted = (double)usual[i][0] / usual[i][1];
		if (fabs((double)width / height / wanted - 1) <= 0.03)
			return arena_printf(arena, "%d:%d", usual[i][0], usual[i][1]);
	}
	int divisor = common_divisor(width, height);
	return arena_printf(arena, "%d:%d", width / divisor, height / divisor);
}

const char *
format_image_type(const struct task *task)
{
	return task->input_type ? task->input_type : "image/png";
}

const char *
format_image_name(const struct task *task)
{
	const char *type = format_image_type(task);
	if (strcmp(type, "image/jpeg") == 0)
		return "input.jpg";
	return strcmp(type, "image/webp") == 0 ? "input.webp" : "input.png";
}
