/* Sizes of videos: see size.h. */
#include "base/size.h"

#include <stddef.h>
#include <stdio.h>

enum { SIDE_MAX = 100000 };

bool
size_read(const char *text, int *ret_width, int *ret_height)
{
	int width, height, end = 0;
	if (text == NULL || sscanf(text, "%6dx%6d%n", &width, &height, &end) != 2 || text[end] != '\0')
		return false;
	if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
		return false;
	*ret_width = width;
	*ret_height = height;
	return true;
}

int
size_lines(const char *text)
{
	int width, height;
	if (!size_read(text, &width, &height))
		return 0;
	return width < height ? width : height;
}

int
size_class(int lines)
{
	static const int classes[] = {480, 720, 1080, 1440, 2160};
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (lines <= classes[i])
			return classes[i];
	return lines;
}
