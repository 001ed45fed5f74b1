/* Signed links to videos that need no header, as a <video> element wants them: the video's path, the time at
 * which the link ends, and a signature of both by a secret of the instance. A link gives access to that video
 * until then, and to nothing else. Likewise to the images that a task is made from, for upstreams that fetch
 * them. Immutable once opened, thread-safe. */
#ifndef DOMAIN_VIDEO_LINK_H
#define DOMAIN_VIDEO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"

struct config;
struct links;
struct task;

enum { LINK_IMAGE_MS = 60 * 60 * 1000 /* a link to an image is good for */ };
enum { LINK_SIZE = 192 + PREFIX_SIZE, LINK_SIGNATURE = 32 /* hexadecimal digits */ };

/* Reads the secret (DATA/link.key, 0600); the first process makes it. NULL with errno. */
struct links *links_open(const struct config *config);

/* Returns the same links below another path than base_path: `base`, a valid prefix ("" = the root of the
 * host). They live as long as `links`. Returns `links` itself after a few such paths, or when memory is
 * short. */
const struct links *links_below(struct links *links, const char *base);

/* Frees the links, with those below other paths. NULL is fine. */
void links_close(struct links *links);

/* Returns the time at which a link that is made at `now` ends (both ms since the epoch): the same for a whole
 * period of link_lifetime, so that a video's link stays the same for that long. 0 where videos are not kept:
 * then there are no links. */
int64_t links_end(const struct links *links, int64_t now);

/* Writes the link to a completed video that ends at `end`: a path on this host. */
void links_make(const struct links *links, const struct task *task, int64_t end, char ret_link[LINK_SIZE]);

/* An image that a task is made from. */
struct link_image {
	const char *video_id;
	const char *role; /* image_role_word() */
	size_t index;     /* among those of that role */
};

/* Writes the link to an image that ends at `end`: a path below public_url; "" where there are no links. */
void links_make_image(const struct links *links, const struct link_image *image, int64_t end,
                      char ret_link[LINK_SIZE]);

/* True where the signature is of this video and this end, and the end has not passed. Takes the same time
 * wherever a wrong one differs. */
bool
links_good(const struct links *links, const char *video_id, int64_t end, const char *signature, int64_t now);

/* The same for an image. */
bool links_good_image(const struct links *links, const struct link_image *image, int64_t end,
                      const char *signature, int64_t now);

#endif
