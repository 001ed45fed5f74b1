/* The images that a task is made from. Plain data. */
#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct task;

enum image_role {
	IMAGE_FIRST,     /* the task's input_file: the first frame, or the only image */
	IMAGE_LAST,      /* the last frame */
	IMAGE_REFERENCE, /* what or who is to be seen */
	IMAGE_ROLE__MAX
};

struct task_image {
	enum image_role role;
	const char *file; /* name in DATA/uploads */
	const char *type; /* its media type */
};

enum { IMAGE_MAGIC = 12 /* bytes that tell the type of an image */ };

/* Returns the media type of an image by its first bytes (IMAGE_MAGIC are enough): "image/png", "image/jpeg",
 * "image/webp", or NULL. Thread-safe. */
const char *image_type(const uint8_t *bytes, size_t len);

/* Returns the word for a role: "first", "last" or "reference". */
const char *image_role_word(enum image_role role);

/* Returns the images of the task, the first one in front, in the arena; *ret_count may be 0. NULL when memory
 * is short, or where the task's list is none of ours. Thread-safe. */
const struct task_image *task_images(struct arena *arena, const struct task *task, size_t *ret_count);

#endif
