/* The reference images of tasks: files in DATA/uploads, named in the tasks' rows. Thread-safe. */
#ifndef DOMAIN_UPLOAD_H
#define DOMAIN_UPLOAD_H

#include <stdbool.h>

struct arena;

/* Returns the path of the folder in the data directory `data`, in the arena. NULL when memory is short. */
char *upload_dir(struct arena *arena, const char *data);

/* Returns the path of the image `name`, in the arena. NULL when memory is short. */
char *upload_path(struct arena *arena, const char *data, const char *name);

/* Makes the folder where it is absent. False, with a line in the log, where that fails. */
bool upload_make_dir(const char *data);

/* Removes the image `name`. An absent one is fine. */
void upload_remove(const char *data, const char *name);

/* Removes the images of the list `images` (task.images), which may be NULL; one line in the log where that
 * cannot be read. */
void upload_remove_listed(const char *data, const char *images);

#endif
