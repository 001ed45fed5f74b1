/* How an upstream wants sizes, ratios and images to be said. Pure; results live in the arena. Internal to
 * this folder. Thread-safe. */
#ifndef UPSTREAM_DIALECT_FORMAT_H
#define UPSTREAM_DIALECT_FORMAT_H

#include "upstream/dialect/profile.h"

struct arena;
struct task;

/* The size of the task: "1280x720", "1280*720". NULL where it has none, or none of that form. */
const char *format_size(struct arena *arena, const struct task *task, enum field_type type);

/* The resolution of its size: the least of 480p, 720p and 1080p that its shorter side fits into, else that
 * side; "720p", "720P". NULL where it has no size. */
const char *format_resolution(struct arena *arena, const struct task *task, enum field_type type);

/* Its aspect ratio. With TYPE_FROM_SIZE, where it has none, the usual one that its size is within 3 % of,
 * else the size's own in lowest terms. */
const char *format_aspect_ratio(struct arena *arena, const struct task *task, enum field_type type);

/* The media type of its image. */
const char *format_image_type(const struct task *task);

/* What its image is called on the way: upstreams look at the ending. */
const char *format_image_name(const struct task *task);

#endif
