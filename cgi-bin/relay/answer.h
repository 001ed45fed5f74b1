/* What a creation answers, now or later. */
#ifndef RELAY_ANSWER_H
#define RELAY_ANSWER_H

#include <stdbool.h>

struct later;
struct reply;
struct request;
struct submit_end;
struct task;

/* Writes the answer of a creation whose task stands as `task` says: 202 where it waits in the queue for the
 * upstream, else 200. `replayed`: the task existed. */
void answer_task(const struct request *request, struct reply *reply, const struct task *task, bool replayed,
                 const char *lang);

/* Writes the answer for the end of a submission, a refusal and an unknown end included. */
void answer_end(const struct request *request, struct reply *reply, const struct submit_end *end,
                const char *lang);

#endif
