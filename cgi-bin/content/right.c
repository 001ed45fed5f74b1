/* Who may have a video: see right.h. */
#include "right.h"

#include "api/call.h"
#include "api/guard.h"
#include "base/arena.h"
#include "base/clock.h"
#include "domain/video/link.h"
#include "store/task.h"
#include "store/user.h"

struct err
right_scope(struct call *call, const char *signature, int64_t expires, int64_t *ret_scope)
{
	if (call->user != NULL) { /* the route has asked */
		*ret_scope = call_scope(call);
		return err_of(ERR_OK);
	}
	if (signature != NULL) {
		*ret_scope = 0;
		return err_of(
		    links_good(call->links, call->request->params[0], expires, signature, clock_wall_ms())
		        ? ERR_OK
		        : ERR_LINK_EXPIRED);
	}
	struct user *user = arena_alloc(call->arena, sizeof(*user));
	if (user == NULL)
		return err_of(ERR_NO_MEMORY);
	struct err err = guard_user(call, user);
	if (err.code != ERR_OK)
		return err;
	call->user = user; /* from here on, so that the use of an API key is noted */
	*ret_scope = call_scope(call);
	return err;
}

enum err_code
right_task(struct call *call, int64_t scope, struct task *ret_task)
{
	bool enabled = true;
	enum err_code err =
	    store_task_get(call->store, call->arena, scope, call->request->params[0], ret_task);
	if (err == ERR_OK && call->user == NULL)
		err = store_user_enabled(call->store, ret_task->user_id, &enabled);
	if (err == ERR_OK && !enabled)
		return ERR_LINK_EXPIRED;
	return err;
}
