/* Composes the body of a submission from a task and a profile's form. Internal to this folder. Results live
 * in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_BODY_H
#define UPSTREAM_DIALECT_BODY_H

#include <stdbool.h>

#include "base/err.h"
#include "upstream/http/message.h"

struct arena;
struct dialect;
struct dialect_field;
struct dialect_form;
struct json;
struct task;

/* Returns the form of the kind of job that the task asks for, and sets its options (NULL where they are no
 * JSON). */
const struct dialect_form *body_form(const struct dialect *dialect, const struct task *task,
                                     struct arena *arena, const struct json **ret_options);

/* True where the upstream has the field, and wants it with a task that has, or has not, an image. */
bool body_has_field(const struct dialect_field *field, bool with_image);

/* Sets the body of `request` to the submission of `task`: parts or JSON. `input_path` is the path of its
 * image or NULL; an image that goes into JSON becomes request->body_file. ERR_INTERNAL for options that are
 * no JSON; ERR_NO_MEMORY. */
enum err_code body_compose(const struct dialect_form *form, const struct task *task, const char *input_path,
                           struct arena *arena, struct http_request *request);

#endif
