/* See deadline.h. */
#include "domain/task/deadline.h"

#include "model/task.h"
#include "store/clock.h"

bool
deadline_passed(struct store *store, struct task *task, int64_t now)
{
	if (now < task->deadline_at || store_clock_deadline(store, task->id, &task->deadline_at) != ERR_OK)
		return false;
	return now >= task->deadline_at;
}
