/* What an upstream says of a job, beside its status: what of it is news. Pure, thread-safe. */
#ifndef DOMAIN_TASK_FACTS_H
#define DOMAIN_TASK_FACTS_H

#include "model/task.h"

struct arena;
struct channel;

/* Puts the model that the channel's upstream has said into the words of clients, as the channel lists it; one
 * that quotes the key counts as not said. New strings live in the arena. */
void facts_translate(const struct channel *channel, const struct task *task, struct arena *arena,
                     struct job_facts *facts);

/* Returns what of `said` differs from what is shown of the task, all else as not said: the seconds of a part
 * stay, where upstreams say those of the whole, and a time that moves by a minute or less is no news. Strings
 * are those of `said`. */
struct job_facts facts_news(const struct task *task, const struct job_facts *said);

#endif
