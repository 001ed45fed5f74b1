/* The reference images of tasks: files in DATA/uploads, named in the tasks' rows. Thread-safe. */
#ifndef DOMAIN_UPLOAD_H
#define DOMAIN_UPLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct config;
struct domain_env;
struct store;

/* Returns the path of the folder in the data directory `data`, in the arena. NULL when memory is short. */
char *upload_dir(struct arena *arena, const char *data);

/* Returns the path of the image `name`, in the arena. NULL when memory is short. */
char *upload_path(struct arena *arena, const char *data, const char *name);

/* Makes the folder where it is absent. False, with a line in the log, where that fails. */
bool upload_make_dir(const char *data);

/* Removes the image `name`. An absent one is fine. */
void upload_remove(const char *data, const char *name);

/* Gives the image `name` one more name, for another task: each task's files are its own. Writes the name, in
 * the arena. ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code upload_share(struct arena *arena, const char *data, const char *name, const char **ret_name);

/* The same for the images of the list `images` (task.images): writes a list of the new names. On failure none
 * is left. */
enum err_code
upload_share_listed(struct arena *arena, const char *data, const char *images, const char **ret_images);

/* Removes the images of the list `images` (task.images), which may be NULL; one line in the log where that
 * cannot be read. */
void upload_remove_listed(const char *data, const char *images);

/* Whether so many more bytes of images of the user fit into uploads_max_mb_per_user and, for all accounts
 * that were registered from the same block, uploads_max_mb_per_block. A user who has less than an equal share
 * of the latter is always let in, so that it may be exceeded: by n accounts about (1 + ln n) times.
 * ERR_IMAGES_FULL; the store's errors. Exact inside a transaction. */
enum err_code upload_fits(const struct config *config, struct store *store, int64_t user_id, int64_t bytes);

/* Removes the images of tasks that ended longer ago than uploads_keep; of a hundred tasks at most, so that
 * the database is not held for long: call often. Belongs to the thread whose store `env` has. The store's
 * errors, ERR_NO_MEMORY. */
enum err_code upload_purge(const struct domain_env *env, struct arena *arena);

/* Removes old files that no task names, which a crash may have left. Call once in a while. Ends early once
 * `stop` is true. Belongs to the thread whose store `env` has. The store's errors, ERR_NO_MEMORY. */
enum err_code upload_sweep(const struct domain_env *env, struct arena *arena, const atomic_bool *stop);

#endif
