/* A task as a command line describes it, to try a profile with. */
#ifndef CLI_TRIAL_TASK_H
#define CLI_TRIAL_TASK_H

#include <stdbool.h>

#include "model/channel.h"
#include "model/job_kind.h"
#include "model/task.h"
#include "upstream/dialect/inputs.h"

struct arena;
struct cli_call;

#define TRIAL_KEY "ACCESS:SECRET" /* stands for the key: every way of showing one takes it */

struct trial_task {
	enum job_kind kind;
	struct task task;
	struct submit_image *images; /* those of `inputs` */
	struct submit_inputs inputs;
};

/* Reads the task of the command line; it lives in the arena. Returns CLI_DONE, or CLI_MISUSED after saying
 * what is wrong. */
int trial_task_read(const struct cli_call *call, struct arena *arena, struct trial_task *ret_trial);

/* Takes from the command line what clients know as the field of that name. False where it has no such
 * option. */
bool trial_task_drop(struct cli_call *call, const char *field);

/* True for the address of an upstream; else says what is wrong with it. */
bool trial_base_good(const char *base);

/* Returns a channel with the dialect; `base` may be NULL. */
struct channel trial_channel(const struct dialect *dialect, const char *base);

#endif
