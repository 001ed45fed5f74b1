/* The polling schedule: see schedule.h. Looks are counted on a scale on which they are 1 apart: looks_by()
 * says how many intervals have passed at an age, age_at() is its inverse. While the interval is the shortest,
 * the scale is straight; while it grows with the age, it is a logarithm; then it is straight again. */
#include "domain/task/schedule.h"

#include <math.h>

#include "base/config.h"
#include "domain/backoff.h"
#include "model/task.h"

enum { PART = 10, LATE_PART = 20, LATE_LEAST = 60 * 1000, LATE_MOST = 30 * 60 * 1000 };

struct pace {
	int64_t since;      /* the time at which the age is 0 */
	double least, most; /* the interval */
	double part;        /* of the age that is the interval between them */
};

static struct pace
pace_of(const struct config *config, const struct task *task, int64_t least)
{
	if (task->state == TASK_STATE_FAILED)
		return (struct pace){task->deadline_at, least > LATE_LEAST ? (double)least : LATE_LEAST,
		                     least > LATE_MOST ? (double)least : LATE_MOST, LATE_PART};
	int64_t shortest = config->poll_interval_min > least ? config->poll_interval_min : least;
	int64_t longest = config->poll_interval_max > shortest ? config->poll_interval_max : shortest;
	return (struct pace){task->accepted_at > 0 ? task->accepted_at : task->created_at, (double)shortest,
	                     (double)longest, PART};
}

static double
looks_by(const struct pace *pace, double age)
{
	double grows = pace->least * pace->part, grown = pace->most * pace->part;
	if (age <= grows)
		return age / pace->least;
	if (age <= grown)
		return pace->part * (1 + log(age / grows));
	return pace->part * (1 + log(pace->most / pace->least)) + (age - grown) / pace->most;
}

static double
age_at(const struct pace *pace, double looks)
{
	double over = looks / pace->part - 1, growth = log(pace->most / pace->least);
	if (over <= 0)
		return looks * pace->least;
	if (over <= growth)
		return pace->least * pace->part * exp(over);
	return pace->most * pace->part + (over - growth) * pace->part * pace->most;
}

/* The task's place in an interval, from 0 to 1: tasks one after the other lie far apart. */
static double
place_of(const struct task *task)
{
	return (double)((uint64_t)task->id * UINT64_C(0x9e3779b97f4a7c15) >> 11) * 0x1p-53;
}

int64_t
schedule_next(const struct config *config, const struct task *task, int64_t least, int64_t after)
{
	const struct pace pace = pace_of(config, task, least);
	double place = place_of(task);
	double look = floor(looks_by(&pace, (double)(after - pace.since)) - place);
	int64_t at;
	do
		at = pace.since + (int64_t)age_at(&pace, ++look + place);
	while (at <= after);
	return at;
}

int64_t
schedule_first(const struct config *config, const struct task *task, int64_t now)
{
	struct task taken = *task;
	taken.state = TASK_STATE_RUNNING;
	taken.accepted_at = now;
	return schedule_next(config, &taken, 0, now + config->poll_interval_min / 2);
}

int64_t
schedule_after(const struct config *config, const struct task *task, int64_t least, int64_t asked,
               int64_t now)
{
	const struct pace pace = pace_of(config, task, least);
	int64_t late = asked + (int64_t)pace.least / 2;
	return schedule_next(config, task, least, late > now ? late : now);
}

int64_t
schedule_failed(const struct config *config, const struct task *task, int64_t least, int64_t failures,
                int64_t now)
{
	const struct pace pace = pace_of(config, task, least);
	double plain = (double)(now - pace.since) / pace.part;
	plain = fmin(fmax(plain, pace.least), pace.most);
	double wait = fmin(plain * (double)backoff_doubled(1, failures), pace.most);
	int64_t next = schedule_next(config, task, least, now + (int64_t)(wait - plain));
	return next < now + (int64_t)pace.most ? next : now + (int64_t)pace.most;
}

int64_t
schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice)
{
	int64_t plain = backoff_within(age / PART, config->poll_interval_min, config->poll_interval_max);
	plain = backoff_within(backoff_doubled(plain, failures), 0, config->poll_interval_max);
	return backoff_within(backoff_jitter(plain, dice), config->poll_interval_min,
	                      config->poll_interval_max);
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
