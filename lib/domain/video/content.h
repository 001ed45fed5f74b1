/* The bytes of a finished video, from the upstream that made it. Thread-safe. */
#ifndef DOMAIN_VIDEO_CONTENT_H
#define DOMAIN_VIDEO_CONTENT_H

#include "base/err.h"
#include "model/content_variant.h"
#include "model/download.h"
#include "model/task.h"

struct arena;
struct channels;

/* Passes the video of a COMPLETED task to the sink, or the part that `range` (a Range header's value, or
 * NULL) names, in the calling thread. Blocks; no time limit but sink->goes_on. ERR_CONTENT_GONE where no
 * upstream has it any more; ERR_RANGE_NOT_SATISFIABLE; ERR_UPSTREAM_FAILED, also in the middle;
 * ERR_NO_MEMORY. */
enum err_code content_fetch(struct channels *channels, struct arena *arena, const struct task *task,
                            const char *range, const struct download_sink *sink);

/* As content_fetch(), for a picture of the video, always whole. ERR_NOT_FOUND where the upstream has none. */
enum err_code content_fetch_picture(struct channels *channels, struct arena *arena, const struct task *task,
                                    enum content_variant variant, const struct download_sink *sink);

#endif
