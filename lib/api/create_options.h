/* What a creation asks for beside prompt and shape: members of the task's options, as clients send them and
 * as the row keeps them. Thread-safe. */
#ifndef API_CREATE_OPTIONS_H
#define API_CREATE_OPTIONS_H

#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"
#include "web/field.h"

struct arena;
struct json;
struct jsonw;
struct task;

struct options_asked {
	struct field_int seed;
	const char *negative_prompt;
	struct field_bool audio, watermark, hd, hidden;
	const struct json *extra;
};

/* Whole numbers that each JSON reader keeps, down to JavaScript's. */
#define OPTIONS_SEED 9007199254740991

/* Rows of a table of fields for `member`, a struct options_asked in the struct `type`: what has no field of
 * its own in every call that creates. Names in each line mean the same. */
#define OPTIONS_FIELDS(type, member)                                                                         \
	{"seed", FIELD_INT, offsetof(type, member.seed), .min = -OPTIONS_SEED, .max = OPTIONS_SEED},         \
	    {"negative_prompt", FIELD_TEXT, offsetof(type, member.negative_prompt), .min = 1,                \
	     .max = LIMIT_NEGATIVE_PROMPT},                                                                  \
	    {"negativePrompt", FIELD_TEXT, offsetof(type, member.negative_prompt), .min = 1,                 \
	     .max = LIMIT_NEGATIVE_PROMPT},                                                                  \
	    {"audio", FIELD_BOOL, offsetof(type, member.audio)},                                             \
	    {"generate_audio", FIELD_BOOL, offsetof(type, member.audio)},                                    \
	    {"generateAudio", FIELD_BOOL, offsetof(type, member.audio)},                                     \
	    {"with_audio", FIELD_BOOL, offsetof(type, member.audio)},                                        \
	{                                                                                                    \
		"extra", FIELD_OBJECT, offsetof(type, member.extra), .max = LIMIT_EXTRA                      \
	}

/* Checks a size and an aspect ratio as clients name them; NULL = it is not named. ERR_BAD_FIELD. */
struct err options_shape(const char *size, const char *aspect_ratio);

/* Returns the options as the row keeps them, a JSON object, in the arena. NULL when memory is short. */
const char *options_text(struct arena *arena, const struct options_asked *asked);

/* Writes the options of a task as members of its object: seed, negativePrompt, audio, watermark, hd, private
 * and extra, null where they were not asked for. */
void options_view(struct jsonw *w, const struct task *task);

#endif
