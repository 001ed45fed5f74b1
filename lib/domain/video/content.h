/* The bytes of a finished video, wherever they are. */
#ifndef DOMAIN_VIDEO_CONTENT_H
#define DOMAIN_VIDEO_CONTENT_H

#include "base/err.h"
#include "model/content_variant.h"
#include "model/download.h"
#include "model/task.h"

struct arena;
struct channels;

/* Hands the video of a COMPLETED task to the sink, or the part of it that `range` (a Range header's value, or
 * NULL) names, in the calling thread; takes as long as it takes. ERR_CONTENT_GONE where it is nowhere any
 * more; ERR_RANGE_NOT_SATISFIABLE; ERR_UPSTREAM_FAILED, also in the middle; ERR_NO_MEMORY. Thread-safe. */
enum err_code content_fetch(struct channels *channels, struct arena *arena, const struct task *task,
                            const char *range, const struct download_sink *sink);

/* The same of a picture of it, always the whole. ERR_NOT_FOUND where the upstream has none. */
enum err_code content_fetch_picture(struct channels *channels, struct arena *arena, const struct task *task,
                                    enum content_variant variant, const struct download_sink *sink);

#endif
