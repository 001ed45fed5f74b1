/* Checks channels without making a job: for `longreel check` and `longreel channel check`. */
#ifndef CLI_CHANNEL_CHECK_H
#define CLI_CHANNEL_CHECK_H

#include <stdbool.h>

struct arena;
struct config;
struct findings;
struct store;

struct channel_check {
	const struct config *config;
	struct store *store;  /* NULL = the configuration's channel only */
	const char *name;     /* of one channel; NULL = all */
	struct findings *out; /* where the lines go; NULL = they are printed */
	bool models;          /* also note the models that each upstream lists */
};

/* Prints a line for each channel: its first fault, or what its upstream answered. The key is tried where the
 * dialect has a call without cost. Blocks for up to 15 s a channel. True where all are well. */
bool channel_check(const struct channel_check *check, struct arena *arena);

/* The fault of the channel check->name, found without asking its upstream; NULL = none is known. In the
 * arena. */
const char *channel_fault(const struct channel_check *check, struct arena *arena);

#endif
