/* Who may have a video: a caller with a token, or with a link that we have signed. Belongs to the request's
 * thread. */
#ifndef CONTENT_RIGHT_H
#define CONTENT_RIGHT_H

#include <stdint.h>

#include "base/err.h"

struct call;
struct task;

/* Checks token or link (`signature` NULL = no link). ret_scope: the user whose tasks may be read; 0 = any
 * user's, as a link is for one video, whose ever it is. ERR_UNAUTHORIZED, ERR_LINK_EXPIRED, ERR_NO_MEMORY;
 * the store's errors. */
struct err right_scope(struct call *call, const char *signature, int64_t expires, int64_t *ret_scope);

/* Reads the task of the request's path within that scope. ERR_TASK_NOT_FOUND; ERR_LINK_EXPIRED for a link
 * where the task's user is disabled; the store's errors. */
enum err_code right_task(struct call *call, int64_t scope, struct task *ret_task);

#endif
