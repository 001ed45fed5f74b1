/* Composes the body of a submission from a task and a profile's form. Internal to this folder. Results live
 * in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_BODY_H
#define UPSTREAM_DIALECT_BODY_H

#include <stdbool.h>

#include "base/err.h"
#include "upstream/dialect/inputs.h"
#include "upstream/dialect/profile.h"
#include "upstream/http/message.h"

struct arena;
struct json;
struct task;

/* Returns the form of the kind of job that the task asks for, and sets its options (NULL where they are no
 * JSON). */
const struct dialect_form *body_form(const struct dialect *dialect, const struct task *task,
                                     struct arena *arena, const struct json **ret_options);

/* Returns what the task is made from, as bits (INPUT_FIRST …). 0 also where its list of images is none. */
unsigned body_inputs(const struct task *task, struct arena *arena);

/* Returns the name of the first member of `extra`, which goes where `field` says, that stands where the form
 * writes by itself, or that no member of a body may have; NULL = all go. */
const char *body_extra_clash(const struct dialect_form *form, const struct dialect_field *field,
                             const struct json *extra, struct arena *arena);

/* Sets the body of `request` to the submission of `task` with `inputs` (NULL = none): parts or JSON.
 * ERR_INTERNAL for options that are no JSON; ERR_UNSUPPORTED_FIELD for an image or a source whose link or id
 * is not known; ERR_NO_MEMORY. */
enum err_code
body_compose(const struct dialect_form *form, const struct task *task, const struct submit_inputs *inputs,
             struct arena *arena, struct http_request *request);

/* Returns how the form writes such an image of the task; TYPE_PLAIN where it has no place for it. */
enum field_type body_image_type(const struct dialect_form *form, const struct task *task,
                                enum image_role role, struct arena *arena);

/* Sets the body of `request` to the upload of an image. ERR_NO_MEMORY. */
enum err_code body_upload(const struct dialect_upload *upload, const struct submit_image *image,
                          struct arena *arena, struct http_request *request);

#endif
