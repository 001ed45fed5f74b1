/* What a task asks for that its channel's upstream cannot be told: a field that the profile does not name is
 * not sent, and a video that was made without it is not what was asked for, and is paid for all the same.
 * Pure, thread-safe. */
#ifndef UPSTREAM_DIALECT_WISH_H
#define UPSTREAM_DIALECT_WISH_H

struct arena;
struct channel;
struct task;

/* Returns the name, as clients know it, of the first field of the task that a submission by this channel
 * would leave out; NULL where it says all. No wishes are: what is not given, false for hd, watermark and
 * private, an aspect ratio that the size has too, and what a remix inherits from `source`, which is NULL for
 * a task that is made from no video, or where the source is not known any more (then only its image and its
 * options count). `arena` is for the reading. */
const char *wish_unsaid(const struct channel *channel, const struct task *task, const struct task *source,
                        struct arena *arena);

#endif
