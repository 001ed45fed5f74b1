/* Links to videos that need no header, as a <video> element wants them: the path of the video with the time
 * at which it ends and a signature of both, by a secret of the instance. Who has the link has that video
 * until then, and nothing else. Immutable once opened, thread-safe. */
#ifndef DOMAIN_VIDEO_LINK_H
#define DOMAIN_VIDEO_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"

struct config;
struct links;
struct task;

enum { LINK_SIZE = 192 + PREFIX_SIZE, LINK_SIGNATURE = 32 /* hexadecimal digits */ };

/* Reads the secret (DATA/link.key, 0600), which the first to come makes. NULL with errno. */
struct links *links_open(const struct config *config);

/* The same links, below another path than base_path ("" = the root of the host), which is a valid prefix.
 * They live as long as `links`. There are few such paths; where there are too many, or memory is short, these
 * are `links` itself. */
const struct links *links_below(struct links *links, const char *base);

/* Frees them, and those below other paths. NULL is fine. */
void links_close(struct links *links);

/* When a link that is made at `now` ends (both ms since the epoch): all of one stretch of link_lifetime end
 * at the same time, so that the link of a video stays the same for that long. 0 where videos are not kept,
 * and there are no links. */
int64_t links_end(const struct links *links, int64_t now);

/* The link to a completed video that ends at `end`: a path on this host. */
void links_make(const struct links *links, const struct task *task, int64_t end, char ret_link[LINK_SIZE]);

/* Whether the signature is of this video and this end, and the end has not come. */
bool
links_good(const struct links *links, const char *video_id, int64_t end, const char *signature, int64_t now);

#endif
