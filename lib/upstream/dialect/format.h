/* Writes a task's size, ratio and image as an upstream wants them. Pure; results live in the arena. Internal
 * to this folder. Thread-safe. */
#ifndef UPSTREAM_DIALECT_FORMAT_H
#define UPSTREAM_DIALECT_FORMAT_H

#include <stdbool.h>

#include "upstream/dialect/profile.h"

struct arena;
struct task;

/* Returns the size: "1280x720", "1280*720" or "1280:720". NULL where the task has none, or none of that form.
 */
const char *format_size(struct arena *arena, const struct task *task, enum field_type type);

/* Returns the resolution, "720p" or "720P": the class of the size (base/size.h). NULL where the task has no
 * size. */
const char *format_resolution(struct arena *arena, const struct task *task, enum field_type type);

/* Returns the aspect ratio, or NULL. With TYPE_FROM_SIZE and TYPE_QUOTIENT, a task without one has that of
 * its size: the usual ratio that is within 3 % of it, else its own in lowest terms. */
const char *format_aspect_ratio(struct arena *arena, const struct task *task, enum field_type type);

/* Returns a ratio "16:9" as a number, "1.77778"; NULL where it is none of that form. */
const char *format_quotient(struct arena *arena, const char *ratio);

/* Returns a file name for an image of that media type: upstreams look at its ending. */
const char *format_image_name(const char *type);

#endif
