/* Whose tasks they are: see task_owner.h. */
#include "api/task_owner.h"

#include <stdint.h>

#include "api/call.h"
#include "base/arena.h"
#include "model/user.h"
#include "store/user.h"

static enum err_code
find_name(const struct call *call, int64_t user_id, const char **ret_name)
{
	struct user user;
	enum err_code err = store_user_by_id(call->store, call->arena, user_id, &user);
	if (err == ERR_OK)
		*ret_name = user.username;
	return err;
}

enum err_code
task_owner(const struct call *call, const struct task *task, const char **ret_owner)
{
	if (call->user->admin && task->user_id != call->user->id)
		return find_name(call, task->user_id, ret_owner);
	*ret_owner = NULL;
	return ERR_OK;
}

enum err_code
task_owners(const struct call *call, bool wanted, const struct task *tasks, size_t count,
            const char ***ret_owners)
{
	const char **owners = arena_alloc(call->arena, (count + 1) * sizeof(*owners));
	if (owners == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		size_t same = 0; /* the first task of the same user */
		while (tasks[same].user_id != tasks[i].user_id)
			same++;
		enum err_code err = ERR_OK;
		if (wanted && same == i)
			err = find_name(call, tasks[i].user_id, &owners[i]);
		else
			owners[i] = wanted ? owners[same] : NULL;
		if (err != ERR_OK)
			return err;
	}
	*ret_owners = owners;
	return ERR_OK;
}
