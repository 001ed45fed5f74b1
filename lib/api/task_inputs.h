/* The images that a task was made from, as the task object lists them. Thread-safe. */
#ifndef API_TASK_INPUTS_H
#define API_TASK_INPUTS_H

struct jsonw;
struct task;

/* Writes the members hasInput and inputs: {role: "first", "last" or "reference", type, url} for each image,
 * where url is the path that answers it. */
void task_inputs_view(struct jsonw *w, const struct task *task);

#endif
