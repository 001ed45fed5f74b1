/* Reads what an answer says of an error: its code, its sentence, and whether it is a refusal that came under
 * a code of success. A profile's own places come first, then those where upstreams usually have them.
 * Internal to this folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_REFUSAL_H
#define UPSTREAM_DIALECT_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct dialect;
struct json;
struct task;

/* What the words of a refusal mean. */
enum refusal_kind {
	REFUSAL_PLAIN,   /* of this task */
	REFUSAL_LATER,   /* of now: the same task may be taken in a while */
	REFUSAL_ACCOUNT, /* of the operator's key or balance */
	REFUSAL_MODEL,   /* of the model: the upstream does not have it */
	REFUSAL_PROMPT   /* of what is asked for: no other task is meant, whatever the status code */
};

struct refusal {
	const char *code;    /* as the upstream gives it; NULL = it gives none */
	const char *message; /* NULL = it gives none */
};

/* Reads code and sentence of the error that the answer `root` (NULL = none) speaks of. */
struct refusal refusal_read(const struct dialect *dialect, const struct json *root, struct arena *arena);

/* True where the profile names the places of a refusal, and one of them has it: whatever else is there. */
bool refusal_is_named(const struct dialect *dialect, const struct json *root, struct arena *arena);

/* True where an answer that has no id is a refusal by its form. */
bool refusal_is_shown(const struct dialect *dialect, const struct json *root, struct arena *arena);

/* Judges what was read, by the status code that it came with. Words that `task` has itself are not taken for
 * the upstream's: its user must not be able to make a refusal look like the operator's trouble. NULL = none.
 */
enum refusal_kind refusal_judge(const struct dialect *dialect, const struct refusal *refusal,
                                const struct task *task, int status);

#endif
