/* The body of a submission: what a task has, as the form of a dialect wants it. Internal to this folder.
 * Results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_BODY_H
#define UPSTREAM_DIALECT_BODY_H

#include "base/err.h"
#include "upstream/http/message.h"

struct arena;
struct dialect_form;
struct task;

/* Puts the body of a submission of `task` into `request`: parts or JSON. `input_path` is the path of its
 * image or NULL; one that goes as text is named as the file of the body. ERR_INTERNAL for options that are no
 * JSON; ERR_NO_MEMORY. */
enum err_code body_compose(const struct dialect_form *form, const struct task *task, const char *input_path,
                           struct arena *arena, struct http_request *request);

#endif
