/* Finds the profile that a command of `longreel dialect` names. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <stddef.h>

struct arena;
struct cli_call;
struct dialect;

enum { PROFILE_WHY_SIZE = 512 };

/* A file of a profile. */
struct profile_file {
	const char *dir, *name; /* DIR/NAME.json */
	const char *where;      /* "own", of the instance, or "shipped" */
};

/* Lists the profiles of the instance's own, if --data names one, and those shipped ones that have another
 * name, each by name, in the arena. NULL when memory is short. */
const struct profile_file *profile_files(const struct cli_call *call, struct arena *arena, size_t *ret_count);

/* Loads the profile that the operand names: a word is a name, all else the path of a file. The caller frees
 * it with dialect_free(). NULL with a sentence in `ret_why`. */
struct dialect *profile_load(const struct cli_call *call, const char *operand, struct arena *arena,
                             char ret_why[PROFILE_WHY_SIZE]);

#endif
