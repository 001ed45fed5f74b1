/* Passing a video through: piece by piece as it arrives, where the upstream states its length. Where it does
 * not, a break could not be told from the end: such a video is first written to a file without a name, and
 * then sent with its length. */
#include "pass.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/call.h"
#include "base/arena.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/video/space.h"
#include "domain/video/content.h"
#include "domain/video/format.h"
#include "media.h"
#include "model/task.h"
#include "shared.h"
#include "stream.h"
#include "web/reply.h"
#include "web/request.h"

enum { PIECE = 64 * 1024 };

struct passing {
	struct stream stream;
	const struct pass *pass;
	struct download_head head;         /* as received */
	unsigned char first[VIDEO_HEADER]; /* the video's first bytes, held until the head is sent */
	size_t first_len;
	bool sniffing;     /* `first` is not full yet */
	const char *found; /* the type by these bytes */
	int file;          /* holds a video of unknown length, or -1 */
	int64_t written;   /* bytes in the file */
	int64_t until;     /* clock_mono_ms() */
	enum err_code why; /* why we ended it, or ERR_OK */
	char cause[DOWNLOAD_WHY_SIZE];
};

/* The type that the client is told; NULL for a picture that is none. */
static const struct media *
media_of(const struct passing *passing)
{
	return passing->pass->variant == VARIANT_VIDEO ? media_video(passing->head.type, passing->found)
	                                               : media_picture(passing->head.type);
}

static bool
send_head(struct passing *passing)
{
	struct call *call = passing->stream.call;
	const struct download_head *head = &passing->head;
	call->reply->status = head->status;
	if (passing->pass->variant == VARIANT_VIDEO)
		reply_header(call->reply, "Accept-Ranges", "bytes");
	if (head->range[0] != '\0')
		reply_header(call->reply, "Content-Range", head->range);
	if (head->length >= 0)
		reply_headerf(call->reply, "Content-Length", "%" PRId64, head->length);
	/* Makes the web server close the connection where the video breaks off: else the client would wait
	 * for the rest. */
	reply_header(call->reply, "Connection", "close");
	media_headers(call, media_of(passing), passing->pass->task->video_id, passing->pass->task->prompt,
	              passing->pass->download);
	return stream_head(&passing->stream);
}

static bool
goes_on(void *cookie)
{
	struct passing *passing = cookie;
	if (clock_mono_ms() > passing->until)
		passing->why = ERR_TIMEOUT;
	return passing->why == ERR_OK;
}

static bool
send_piece(struct passing *passing, const void *bytes, size_t len)
{
	return stream_send(&passing->stream, bytes, len) && goes_on(passing);
}

/* ---- by a file ---- */

static enum err_code
file_begin(struct passing *passing)
{
	struct arena *arena = passing->stream.call->arena;
	const char *dir = arena_printf(arena, "%s/tmp", passing->stream.call->config->data);
	char *path = arena_printf(arena, "%s/tmp/video-XXXXXX", passing->stream.call->config->data);
	if (dir == NULL || path == NULL)
		return ERR_NO_MEMORY;
	if (archive_room(passing->stream.call->config) < 0)
		return ERR_NO_SPACE;
	if (file_make_dir(dir))
		passing->file = mkostemp(path, O_CLOEXEC);
	if (passing->file < 0)
		return file_error();
	unlink(path);
	return ERR_OK;
}

static enum err_code
file_write_piece(struct passing *passing, const void *bytes, size_t len)
{
	bool check = passing->written / ARCHIVE_LOOK != (passing->written + (int64_t)len) / ARCHIVE_LOOK;
	passing->written += (int64_t)len;
	if (passing->written > LIMIT_VIDEO_KEPT)
		return ERR_UPSTREAM_FAILED;
	if (check && archive_room(passing->stream.call->config) < 0)
		return ERR_NO_SPACE;
	if (!file_write_all(passing->file, bytes, len))
		return file_error();
	return ERR_OK;
}

static void
file_send(struct passing *passing)
{
	char piece[PIECE];
	ssize_t got = 0;
	passing->head.length = passing->written;
	if (lseek(passing->file, 0, SEEK_SET) != 0) {
		passing->why = ERR_INTERNAL;
		return;
	}
	bool on = send_head(passing);
	while (on && (got = read(passing->file, piece, sizeof(piece))) > 0)
		on = send_piece(passing, piece, (size_t)got);
	if (got < 0)
		passing->why = ERR_INTERNAL;
}

/* ---- the sink ---- */

/* Sends the head, or opens the file, once all is known that the head needs. */
static bool
begin_answer(struct passing *passing)
{
	if (passing->head.length >= 0 || passing->stream.call->request->head) /* HEAD needs no more */
		return send_head(passing) && !passing->stream.call->request->head;
	passing->why = file_begin(passing);
	return passing->why == ERR_OK;
}

static bool
on_head(void *cookie, const struct download_head *head)
{
	struct passing *passing = cookie;
	struct arena *arena = passing->stream.call->arena;
	passing->head = (struct download_head){.status = head->status,
	                                       .length = head->length,
	                                       .type = arena_strdup(arena, head->type),
	                                       .range = arena_strdup(arena, head->range)};
	if (passing->head.type == NULL || passing->head.range == NULL)
		passing->why = ERR_NO_MEMORY;
	else if (media_of(passing) == NULL)
		passing->why = ERR_NOT_FOUND;
	/* A part that was not asked for, or that does not say which it is, would pass for the whole. */
	else if (head->length > LIMIT_VIDEO_KEPT ||
	         (head->status == 206 && (passing->pass->range == NULL || head->range[0] == '\0')))
		passing->why = ERR_UPSTREAM_FAILED;
	if (passing->why != ERR_OK)
		return false;
	/* The first bytes tell a video from an error page with status 200. */
	passing->sniffing = passing->pass->variant == VARIANT_VIDEO && head->status == 200;
	return passing->sniffing || begin_answer(passing);
}

static bool
put_piece(struct passing *passing, const void *bytes, size_t len)
{
	if (passing->file < 0)
		return send_piece(passing, bytes, len);
	passing->why = file_write_piece(passing, bytes, len);
	return passing->why == ERR_OK;
}

/* Collects the first bytes; once they are complete, and a video's, sends the head and them. */
static bool
sniff(struct passing *passing, const void *bytes, size_t len)
{
	memcpy(passing->first + passing->first_len, bytes, len);
	passing->first_len += len;
	if (passing->first_len < sizeof(passing->first))
		return true;
	passing->sniffing = false;
	passing->found = video_header_type(passing->first);
	if (passing->found == NULL)
		passing->why = ERR_UPSTREAM_FAILED;
	return passing->found != NULL && begin_answer(passing) &&
	       put_piece(passing, passing->first, passing->first_len);
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct passing *passing = cookie;
	size_t part = 0;
	if (passing->sniffing) {
		part = sizeof(passing->first) - passing->first_len;
		part = part < len ? part : len;
		if (!sniff(passing, bytes, part))
			return false;
	}
	return part == len || put_piece(passing, (const char *)bytes + part, len - part);
}

static enum err_code
pass_on(struct passing *passing)
{
	struct call *call = passing->stream.call;
	const struct pass *pass = passing->pass;
	struct shared *shared = call->program;
	const struct download_sink sink = {on_head, on_data, passing, goes_on, passing->cause};
	enum err_code err =
	    pass->variant == VARIANT_VIDEO
	        ? content_fetch(shared->channels, call->arena, pass->task, pass->range, &sink)
	        : content_fetch_picture(shared->channels, call->arena, pass->task, pass->variant, &sink);
	if (err == ERR_OK && passing->sniffing) /* it ended within the first bytes */
		err = ERR_UPSTREAM_FAILED;
	if (err == ERR_OK && passing->file >= 0)
		file_send(passing);
	if (passing->file >= 0)
		close(passing->file);
	return passing->why != ERR_OK ? passing->why : err;
}

/* ---- who may ---- */

/* Takes a slot, and one of the questions to upstreams that one user may cause: a request for a head or for a
 * few bytes asks the upstream, too. */
static struct err
open_stream(struct call *call, const struct pass *pass, struct stream *ret_stream)
{
	const struct shared *shared = call->program;
	int64_t who = stream_who(call, pass->task->user_id), now = clock_mono_ms();
	struct err err = err_of(ERR_OK);
	if (shared->passes != NULL && !budget_has(shared->passes, who, now, &err.retry_after_ms))
		err.code = ERR_RATE_LIMITED;
	else
		err = stream_open(call, who, ret_stream);
	if (err.code == ERR_OK && shared->passes != NULL)
		budget_take(shared->passes, who, 1, now);
	return err;
}

struct err
pass_video(struct call *call, const struct pass *pass)
{
	struct passing passing = {
	    .pass = pass, .file = -1, .until = clock_mono_ms() + call->config->archive_timeout};
	struct err refused = open_stream(call, pass, &passing.stream);
	if (refused.code != ERR_OK)
		return refused;
	enum err_code err = pass_on(&passing);
	stream_close(&passing.stream);
	bool told = err == ERR_OK || passing.stream.gone || (call->reply->streaming && call->request->head);
	const char *cause = passing.cause[0] != '\0' ? passing.cause : "-";
	if (!told && call->reply->streaming)
		log_warn("a video broke off: request=%s task=%s why=%s cause=%s", call->request->id,
		         pass->task->video_id, err_word(err), cause);
	else if (!told && err == ERR_UPSTREAM_FAILED)
		log_warn("a video cannot be passed on: request=%s task=%s why=%s cause=%s", call->request->id,
		         pass->task->video_id, err_word(err), cause);
	return err_of(call->reply->streaming ? ERR_OK : err);
}
