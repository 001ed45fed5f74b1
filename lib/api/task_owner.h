/* Whose tasks they are, which administrators are shown. Threads as in call.h. */
#ifndef API_TASK_OWNER_H
#define API_TASK_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/task.h"

struct call;

/* Reads the name of the task's user where the caller is an administrator and another one; else NULL. It lives
 * in the call's arena. ERR_NOT_FOUND, as store_user_by_id(). */
enum err_code task_owner(const struct call *call, const struct task *task, const char **ret_owner);

/* Reads the names of the users of `count` tasks: an array in the call's arena, all NULL unless `wanted`. Each
 * user is looked up once. ERR_NO_MEMORY, or as store_user_by_id(). */
enum err_code task_owners(const struct call *call, bool wanted, const struct task *tasks, size_t count,
                          const char ***ret_owners);

#endif
