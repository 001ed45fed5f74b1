/* What a task is sent with, beside its row. Internal to this folder. */
#ifndef DOMAIN_TASK_SUBMIT_INPUTS_H
#define DOMAIN_TASK_SUBMIT_INPUTS_H

#include "base/err.h"
#include "upstream/dialect/inputs.h"

struct arena;
struct domain_env;
struct task;

/* Finds the images of the task, with links to them where the upstream can be given some; they live in the
 * arena. ERR_INPUT_LOST where one is not there any more;
 * ERR_NO_MEMORY. */
enum err_code submit_inputs_find(const struct domain_env *env, const struct task *task, struct arena *arena,
                                 struct submit_image **ret_images, size_t *ret_count);

#endif
