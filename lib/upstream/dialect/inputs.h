/* What a task is made from, as it is sent. Plain data. */
#ifndef UPSTREAM_DIALECT_INPUTS_H
#define UPSTREAM_DIALECT_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/image.h"

/* An image of a task, as it is sent. */
struct submit_image {
	enum image_role role;
	const char *type; /* its media type */
	const char *path; /* of its file */
	const char *link; /* to it, for the upstream to fetch; NULL = there is none */
	const char *id;   /* the upstream's, of what was uploaded before; NULL = there is none */
	bool id_is_number;
};

/* What a task is made from. */
struct submit_inputs {
	const struct submit_image *images; /* as task_images() has them */
	size_t image_count;
};

#endif
