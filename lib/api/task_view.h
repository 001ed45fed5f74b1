/* A task as JSON below /api/: one shape everywhere (contract, section 4). */
#ifndef API_TASK_VIEW_H
#define API_TASK_VIEW_H

#include "base/err.h"
#include "base/json.h"
#include "model/task.h"

struct call;
struct links;
struct waiting_look;

/* Writes the task object as the member `name` (NULL in an array). `links` makes the link to a completed
 * video, if links are configured; `look` finds out what an open task waits for, but not how many are ahead.
 */
void task_view(struct jsonw *w, const char *name, const struct task *task, const struct links *links,
               struct waiting_look *look);

/* As task_view(), with the name of its user as `owner`, which administrators are shown (NULL = none). */
void task_view_owned(struct jsonw *w, const char *name, const struct task *task, const char *owner,
                     const struct links *links, struct waiting_look *look);

/* Writes a time in ms since the epoch as ISO 8601 in UTC; null for 0. */
void view_time(struct jsonw *w, const char *name, int64_t time);

/* Answers with the task, status 200, and with how many are ahead of it. Returns ERR_OK. */
struct err task_answer(const struct call *call, const struct task *task);

/* Answers a GET of the task named by the route's first parameter, likewise, with ETag and If-None-Match.
 * ERR_TASK_NOT_FOUND. */
struct err task_show(struct call *call);

#endif
