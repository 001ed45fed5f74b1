/* Sizes of videos, "1280x720", and their classes. Pure, thread-safe. */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stdbool.h>

/* Reads the sides, in pixels. False, and nothing written, where `text`, which may be NULL, has not this form.
 */
bool size_read(const char *text, int *ret_width, int *ret_height);

/* Returns the shorter side; 0 where `text` has not this form. */
int size_lines(const char *text);

/* Returns the class of a shorter side: the least of 480, 720, 1080, 1440 and 2160 that it fits into, else the
 * side itself. */
int size_class(int lines);

#endif
