/* The value of a field of a submission: what a task has, in the words of its upstream. Internal to this
 * folder. Results live in the arena. Pure, thread-safe. */
#ifndef UPSTREAM_DIALECT_VALUE_H
#define UPSTREAM_DIALECT_VALUE_H

#include "upstream/dialect/profile.h"

struct arena;
struct json;
struct task;

enum value_state {
	VALUE_NONE,   /* the task has none, and nothing is sent */
	VALUE_SET,    /* this is sent */
	VALUE_REFUSED /* the task has one that the upstream does not take */
};

struct value {
	const char *text; /* as a part of a form */
	const char *json; /* as a member; NULL = `text` as a string */
};

/* Finds the value of a field that is neither the source, nor an image, nor extra. `options` are the task's,
 * parsed. Where memory is short the state is VALUE_NONE and the arena has failed. */
enum value_state value_of(enum job_field which, const struct dialect_field *field, const struct task *task,
                          const struct json *options, struct arena *arena, struct value *ret_value);

#endif
