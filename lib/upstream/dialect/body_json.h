/* Writes the members of a body as JSON. Internal to this folder. Thread-safe. */
#ifndef UPSTREAM_DIALECT_BODY_JSON_H
#define UPSTREAM_DIALECT_BODY_JSON_H

#include <stddef.h>

#include "base/err.h"
#include "upstream/http/message.h"

struct arena;
struct submit_image;

/* A member of a body. */
struct body_member {
	const char *name;                /* of a part or a member; in JSON it may be a pointer */
	const char *text;                /* the value in a form */
	const char *json;                /* the value in JSON; NULL = `text` as a string */
	const struct submit_image *file; /* what `text` is the path of; in JSON it goes, as base64, before the
	                                    last character of `json` */
};

/* Sets the body of `request` to the members: those of the same object or array in a row, and else in their
 * order. ERR_NO_MEMORY. */
enum err_code body_json_write(const struct body_member *members, size_t count, struct arena *arena,
                              struct http_request *request);

#endif
