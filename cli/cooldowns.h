/* The cooldowns of a channel, in words. */
#ifndef CLI_COOLDOWNS_H
#define CLI_COOLDOWNS_H

struct arena;
struct store;

/* Returns what of the channel cools down, and until when, one after the other: "TIME" for all that goes
 * there, "new work until TIME (the key or the balance)", "polls until TIME", "MODEL until TIME"; "" where
 * nothing does. In the arena; NULL when memory is short, or where that cannot be read. */
const char *cooldowns_text(struct store *store, struct arena *arena, const char *channel);

#endif
