/* Writes sizes, ratios and images as upstreams want them: a client says 1280x720, one upstream wants
 * 1280*720, another 720p and 16:9. */
#include "upstream/dialect/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/size.h"
#include "model/task.h"

const char *
format_size(struct arena *arena, const struct task *task, enum field_type type)
{
	int width, height;
	if (type == TYPE_PLAIN)
		return task->size;
	return size_read(task->size, &width, &height)
	           ? arena_printf(arena, "%d%c%d", width, type == TYPE_STAR ? '*' : ':', height)
	           : NULL;
}

const char *
format_resolution(struct arena *arena, const struct task *task, enum field_type type)
{
	int lines = size_lines(task->size);
	return lines > 0 ? arena_printf(arena, "%d%c", size_class(lines), type == TYPE_UPPER ? 'P' : 'p')
	                 : NULL;
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
	bool from_size = type == TYPE_FROM_SIZE || type == TYPE_QUOTIENT;
	if (task->aspect_ratio || !from_size || !size_read(task->size, &width, &height))
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
format_quotient(struct arena *arena, const char *ratio)
{
	int width, height, end = 0;
	if (sscanf(ratio, "%6d:%6d%n", &width, &height, &end) != 2 || ratio[end] || width < 1 || height < 1)
		return NULL;
	return arena_printf(arena, "%.6g", (double)width / height);
}

const char *
format_image_name(const char *type)
{
	if (strcmp(type, "image/jpeg") == 0)
		return "input.jpg";
	return strcmp(type, "image/webp") == 0 ? "input.webp" : "input.png";
}
