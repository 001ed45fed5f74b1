/* The images of tasks. Threads and errors as in store.h. */
#ifndef STORE_IMAGE_H
#define STORE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;

/* What a task's row names; strings live in the arena. */
struct image_row {
	int64_t task_id;
	const char *input_file; /* or NULL */
	const char *images;     /* as in struct task, or NULL */
};

/* Lists the tasks with images whose row comes after `after` (0 = from the first), at most `most`. */
enum err_code store_images_after(struct store *store, struct arena *arena, int64_t after, int64_t most,
                                 struct image_row **ret_rows, size_t *ret_count);

#endif
