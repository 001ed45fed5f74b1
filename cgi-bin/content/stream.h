/* Streams: answers that this program sends piece by piece, at the pace of their client, and so hold a thread:
 * what is passed on from an upstream, and what is kept where the web server does not send files itself. Each
 * has one of a few slots, a share of these at most for one user, and ends where its client reads too slowly.
 * A stream belongs to its request's thread. */
#ifndef CONTENT_STREAM_H
#define CONTENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct call;
struct slot;

struct stream {
	struct call *call;
	struct slot *slot;
	int64_t sent;   /* bytes */
	int64_t waited; /* ms that the client has let us wait */
	bool gone;      /* the client has hung up, or is as good as gone */
};

/* Returns who takes the slot: the caller; or, by a link, those who have one to a video of `owner`'s, so that
 * strangers use up nothing of the user's own. */
int64_t stream_who(const struct call *call, int64_t owner);

/* Takes a slot. `who`: see above; 0 = what has no share of its own. ERR_TOO_MANY_DOWNLOADS where `who` has
 * its share, ERR_BUSY where no slot is free. Under plain CGI, where each request is a process, there is
 * always one. Open it before anything of the answer is made, and close it. */
struct err stream_open(struct call *call, int64_t who, struct stream *ret_stream);

/* Sends the head. False where the client is gone. */
bool stream_head(struct stream *stream);

/* Sends a piece. False where the client is gone, has taken nothing for pass_patience, or lags behind
 * LIMIT_BODY_PACE by as much. */
bool stream_send(struct stream *stream, const void *bytes, size_t len);

/* Sends the head, with the length, and the bytes of the file from `at` to `end`, as far as the client takes
 * them within archive_timeout; it can ask for the rest. */
void stream_file(struct stream *stream, int fd, int64_t at, int64_t end);

/* Frees the slot. */
void stream_close(struct stream *stream);

#endif
