/* A task as /api shows it: one shape everywhere (contract, section 4). */
#ifndef API_TASK_VIEW_H
#define API_TASK_VIEW_H

#include "base/err.h"
#include "base/json.h"
#include "model/task.h"

struct call;

enum { TASK_ETAG_SIZE = 64 };

/* Writes the task object as the member `name` (NULL in an array). */
void task_view(struct jsonw *w, const char *name, const struct task *task);

/* The entity tag of a task: it changes with every visible change, in this database. */
void task_etag(const struct task *task, char ret_etag[TASK_ETAG_SIZE]);

/* Answers a GET of the task named by the route's first parameter, with ETag and If-None-Match.
 * ERR_TASK_NOT_FOUND. */
struct err task_show(struct call *call);

#endif
