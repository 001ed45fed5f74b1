/* The bytes of a finished video, wherever they are. */
#ifndef DOMAIN_VIDEO_CONTENT_H
#define DOMAIN_VIDEO_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"
#include "model/content_variant.h"

struct arena;
struct channels;

enum { CONTENT_WHY_SIZE = 160 };

struct content_head {
	int status;        /* 200 or 206 */
	int64_t length;    /* bytes that follow; -1 = not stated */
	const char *type;  /* media type, or "" */
	const char *range; /* a Content-Range, or "" */
};

struct content_sink {
	bool (*head)(void *cookie, const struct content_head *head); /* called once, first; false ends it */
	bool (*data)(void *cookie, const void *bytes, size_t len);   /* a piece; false ends it */
	void *cookie;
	bool (*goes_on)(void *cookie); /* asked about once a second; false ends it; NULL = it goes on */
	/* Where a phrase for the log is written with ERR_UPSTREAM_FAILED, or NULL. */
	char *ret_why; /* CONTENT_WHY_SIZE bytes */
};

/* Hands the video of a COMPLETED task to the sink, or the part of it that `range` (a Range header's value, or
 * NULL) names, in the calling thread; takes as long as it takes. ERR_CONTENT_GONE where it is nowhere any
 * more; ERR_RANGE_NOT_SATISFIABLE; ERR_UPSTREAM_FAILED, also in the middle; ERR_NO_MEMORY. Thread-safe. */
enum err_code content_fetch(struct channels *channels, struct arena *arena, const struct task *task,
                            const char *range, const struct content_sink *sink);

/* The same of a picture of it, always the whole. ERR_NOT_FOUND where the upstream has none. */
enum err_code content_fetch_picture(struct channels *channels, struct arena *arena, const struct task *task,
                                    enum content_variant variant, const struct content_sink *sink);

#endif
