/* Streams and their slots: see stream.h. */
#include "stream.h"

#include <inttypes.h>
#include <unistd.h>

#include "api/call.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "shared.h"

enum { PIECE = 64 * 1024, BUSY_MS = 5000 /* Retry-After where all slots are taken */ };

int64_t
stream_who(const struct call *call, int64_t owner)
{
	return call->user != NULL ? call->user->id : -owner;
}

struct err
stream_open(struct call *call, int64_t who, struct stream *ret_stream)
{
	struct shared *shared = call->program;
	struct slot *empty = NULL;
	int own = 0;
	pthread_mutex_lock(&shared->lock);
	for (struct slot *slot = shared->slots; slot < shared->slots + STREAMS_MOST; slot++) {
		empty = slot->taken ? empty : slot;
		own += slot->taken && who != 0 && slot->who == who;
	}
	bool takes = own < STREAMS_OF_ONE && empty != NULL;
	if (takes)
		*empty = (struct slot){true, who};
	pthread_mutex_unlock(&shared->lock);
	if (!takes) {
		struct err err = err_of(own >= STREAMS_OF_ONE ? ERR_TOO_MANY_DOWNLOADS : ERR_BUSY);
		err.retry_after_ms = BUSY_MS;
		return err;
	}
	*ret_stream = (struct stream){.call = call, .slot = empty};
	reply_patience(call->request, call->config->pass_patience);
	return err_of(ERR_OK);
}

void
stream_close(struct stream *stream)
{
	struct shared *shared = stream->call->program;
	pthread_mutex_lock(&shared->lock);
	stream->slot->taken = false;
	pthread_mutex_unlock(&shared->lock);
}

bool
stream_head(struct stream *stream)
{
	stream->gone = !reply_stream_begin(stream->call->reply, stream->call->request);
	return !stream->gone;
}

bool
stream_send(struct stream *stream, const void *bytes, size_t len)
{
	int64_t began = clock_mono_ms();
	stream->gone = !reply_stream(stream->call->reply, stream->call->request, bytes, len);
	stream->sent += (int64_t)len;
	stream->waited += clock_mono_ms() - began;
	if (stream->waited > stream->call->config->pass_patience + stream->sent / LIMIT_BODY_PACE)
		stream->gone = true; /* as good as */
	return !stream->gone;
}

void
stream_file(struct stream *stream, int fd, int64_t at, int64_t end)
{
	char piece[PIECE];
	struct reply *reply = stream->call->reply;
	reply_headerf(reply, "Content-Length", "%" PRId64, end - at);
	/* Where it breaks off the web server closes the connection, so that the client does not wait. */
	reply_header(reply, "Connection", "close");
	int64_t until = clock_mono_ms() + stream->call->config->archive_timeout;
	bool on = stream_head(stream) && !stream->call->request->head;
	while (on && at < end) {
		size_t most = end - at < PIECE ? (size_t)(end - at) : PIECE;
		ssize_t got = pread(fd, piece, most, (off_t)at);
		on = got > 0 && stream_send(stream, piece, (size_t)got) && clock_mono_ms() < until;
		at += got;
	}
}
