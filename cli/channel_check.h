/* Whether channels can be used, as far as that can be told without making a job: shared by `longreel check`
 * and `longreel channel check`. */
#ifndef CLI_CHANNEL_CHECK_H
#define CLI_CHANNEL_CHECK_H

#include <stdbool.h>

struct arena;
struct config;
struct store;

struct channel_check {
	const struct config *config;
	struct store *store; /* NULL = the configuration's channel only */
	const char *name;    /* of one channel; NULL = all */
};

/* Writes a line for each channel: its profile, its key, whether the upstream answers, and whether it takes
 * the key, where its dialect has a call that costs nothing. True where all is well. */
bool channel_check(const struct channel_check *check, struct arena *arena);

/* What keeps the operator's channel of that name from being used, as far as that can be told without asking
 * it; NULL = nothing that is known. */
const char *channel_fault(const struct channel_check *check, struct arena *arena);

#endif
