/* The images of tasks. Threads and errors as in store.h. */
#ifndef STORE_IMAGE_H
#define STORE_IMAGE_H

#include <stdbool.h>
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

/* Notes that the images of a new task have so many bytes: they count for its user, and for the block that
 * the account was registered from. */
enum err_code store_images_add(struct store *store, int64_t task_id, int64_t bytes);

/* Notes that they count no more. Once more is fine. */
enum err_code store_images_drop(struct store *store, int64_t task_id);

struct images_held {
	int64_t user; /* bytes of the images of the user's tasks */
	int64_t block; /* … and of all users whose accounts were registered from the same block; 0 = it is not
	                  known */
};

/* Reads what counts for the user. */
enum err_code store_images_held(struct store *store, int64_t user_id, struct images_held *ret_held);

/* Counts the users of the user's block whose images have bytes, the user included; at most `most`. 0 where
 * the block is not known. */
enum err_code store_images_sharers(struct store *store, int64_t user_id, int64_t most, int64_t *ret_count);

/* Lists tasks with images that ended before `before` (ms since the epoch), at most `most`, the first to end
 * first. */
enum err_code store_images_old(struct store *store, struct arena *arena, int64_t before, int64_t most,
                               struct image_row **ret_rows, size_t *ret_count);

/* Forgets the images of a task, which gets a new revision. Remove the files after the commit. ERR_NOT_FOUND.
 */
enum err_code store_images_forget(struct store *store, int64_t task_id, int64_t now);

/* Reads whether the task had images that were forgotten. */
enum err_code store_images_gone(struct store *store, int64_t task_id, bool *ret_gone);

#endif
