/* What a task asks for that its channel's upstream cannot be told: a field that the profile does not name is
 * not sent, and a video that was made without it is not what was asked for, and is paid for all the same. So
 * it is with a value that the profile does not list. Pure, thread-safe. */
#ifndef UPSTREAM_DIALECT_WISH_H
#define UPSTREAM_DIALECT_WISH_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct channel;
struct task;

enum { WISH_WHY_SIZE = 320 };

struct wish {
	const char *field;       /* as clients know it; lives for ever. NULL = all is said */
	char why[WISH_WHY_SIZE]; /* what would be right, "it takes 4, 6, 8"; "" = the field itself is not
	                            known */
	size_t allowed_at; /* where in `why` the values stand that the field may have, separated by ", "; 0 =
	                      they are not told */
};

/* Finds the first field of the task that a submission by this channel would leave out, or that has a value
 * which the upstream does not take. False where it says all. No wishes are: what is not given, false for hd,
 * watermark, private and audio, an aspect ratio that the size has too, and what a remix inherits from
 * `source`, which is NULL for a task that is made from no video, or where the source is not known any more
 * (then only its images and its options count). `arena` is for the reading. */
bool wish_unsaid(const struct channel *channel, const struct task *task, const struct task *source,
                 struct arena *arena, struct wish *ret_wish);

/* Adds what another channel of the model has to say: the values that it takes of the same field; all of it
 * where `wish` has no field yet, or names no values. */
void wish_join(struct wish *wish, const struct wish *other);

#endif
