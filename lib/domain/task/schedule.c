/* The polling schedule: see schedule.h. */
#include "domain/task/schedule.h"

#include "base/config.h"
#include "domain/backoff.h"
#include "model/task.h"

enum { LATE_LEAST = 60 * 1000, LATE_MOST = 30 * 60 * 1000 };

int64_t
schedule_poll(const struct config *config, int64_t age, double dice)
{
	int64_t plain = backoff_within(age / 10, config->poll_interval_min, config->poll_interval_max);
	return backoff_within(backoff_jitter(plain, dice), config->poll_interval_min,
	                      config->poll_interval_max);
}

int64_t
schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice)
{
	int64_t plain = backoff_within(backoff_doubled(schedule_poll(config, age, dice), failures), 0,
	                               config->poll_interval_max);
	return backoff_within(backoff_jitter(plain, dice), config->poll_interval_min,
	                      config->poll_interval_max);
}

int64_t
schedule_late(int64_t since_deadline, double dice)
{
	return backoff_within(backoff_jitter(since_deadline / 20, dice), LATE_LEAST, LATE_MOST);
}

int64_t
schedule_by_deadline(const struct task *task, int64_t due_at)
{
	return due_at < task->deadline_at ? due_at : task->deadline_at;
}

int64_t
schedule_at_once(const struct task *task, int64_t now)
{
	return task->created_at < now ? task->created_at : now;
}
