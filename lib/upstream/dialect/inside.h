/* A video inside an answer in JSON, as base64: takes in the answer piece by piece and hands on the bytes of
 * the video, in a few KB of memory whatever its size. Belongs to one thread at a time. */
#ifndef UPSTREAM_DIALECT_INSIDE_H
#define UPSTREAM_DIALECT_INSIDE_H

#include <stdbool.h>

#include "model/download.h"

struct arena;
struct dialect;
struct inside;

/* True where the answers of this upstream may hold the video itself. */
bool inside_possible(const struct dialect *dialect);

/* Makes one that hands the video on to `to`, with a head of its own: its length is not known, and its type is
 * video/mp4 where the answer does not say. Lives in the arena; `dialect` and `to` must live as long. NULL
 * when memory is short. */
struct inside *inside_new(struct arena *arena, const struct dialect *dialect, const struct download_sink *to);

/* Returns the sink for the answer. */
struct download_sink inside_sink(struct inside *inside);

/* True where the whole video has been handed on. */
bool inside_whole(const struct inside *inside);

#endif
