/* Composes the body of a submission from a task and a profile's form. Internal to this folder. Results live
 * in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_BODY_H
#define UPSTREAM_DIALECT_BODY_H

#include "base/err.h"
#include "upstream/http/message.h"

struct arena;
struct dialect_form;
struct task;

/* Sets the body of `request` to the submission of `task`: parts or JSON. `input_path` is the path of its
 * image or NULL; an image that goes into JSON becomes request->body_file. ERR_INTERNAL for options that are
 * no JSON; ERR_NO_MEMORY. */
enum err_code body_compose(const struct dialect_form *form, const struct task *task, const char *input_path,
                           struct arena *arena, struct http_request *request);

#endif
