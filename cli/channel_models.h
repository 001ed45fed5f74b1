/* Compares the models of a channel with those that its upstream lists: for `longreel channel check`. */
#ifndef CLI_CHANNEL_MODELS_H
#define CLI_CHANNEL_MODELS_H

struct arena;
struct channel;
struct findings;

/* Notes in `out` (findings.h) the models that the channel's upstream lists, and those that the channel lists,
 * or else its dialect offers, and that it does not have; nothing where the dialect has no such call. Blocks
 * for up to 15 s. */
void channel_models(const struct channel *channel, struct findings *out, struct arena *arena);

#endif
