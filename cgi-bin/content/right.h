/* Who may have a video: who shows a token, or a link that we have signed. Of a request, as all it uses. */
#ifndef CONTENT_RIGHT_H
#define CONTENT_RIGHT_H

#include <stdint.h>

#include "base/err.h"

struct call;
struct task;

/* Whose tasks may be asked for; 0 = anybody's: a link is of one video, whoever made it. `signature` NULL = no
 * link. ERR_UNAUTHORIZED, ERR_LINK_EXPIRED, the store's errors. */
struct err right_scope(struct call *call, const char *signature, int64_t expires, int64_t *ret_scope);

/* The task of the request's path within that scope. A link is as good as its user's account: ERR_LINK_EXPIRED
 * for who is kept out. ERR_TASK_NOT_FOUND, the store's errors. */
enum err_code right_task(struct call *call, int64_t scope, struct task *ret_task);

#endif
