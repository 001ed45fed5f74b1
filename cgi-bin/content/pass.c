/* Passing a video through. Piece by piece as it comes, where the upstream says how long it is. Where it does
 * not, a break could not be told from the end; such a video is first kept in a file without a name, and then
 * sent with its length. */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/content.h"
#include "model/task.h"
#include "web/reply.h"
#include "web/request.h"

enum { PIECE = 64 * 1024 };

struct passing {
	struct call *call;
	const struct pass *pass;
	struct content_head head; /* of a video that is kept first */
	int file;                 /* that keeps it, or -1 */
	int64_t kept;             /* bytes in the file */
	enum err_code why;        /* we ended it, or ERR_OK */
	bool gone;                /* the client */
};

void
pass_tag(struct call *call, const char *etag)
{
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, max-age=86400");
}

void
pass_disposition(struct call *call, const struct pass *pass, const char *ending)
{
	reply_headerf(call->reply, "Content-Disposition", "%s; filename=\"%s.%s\"",
	              pass->download ? "attachment" : "inline", pass->task->video_id, ending);
}

/* Its type as the client is told it, and the ending of its name; what is no type of a video or a picture is
 * not believed. NULL for a picture that is none. */
static const char *
type_of(const struct pass *pass, const char *said, const char **ret_ending)
{
	static const char *const pictures[] = {"image/webp", "image/jpeg", "image/png", "image/avif",
	                                       "image/gif"};
	*ret_ending = "mp4";
	if (pass->variant == VARIANT_VIDEO)
		return strncasecmp(said, "video/", 6) == 0 ? said : "video/mp4";
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++) {
		size_t len = strlen(pictures[i]);
		*ret_ending = pictures[i] + sizeof("image/") - 1;
		if (strncasecmp(said, pictures[i], len) == 0 && strchr("; \t", said[len]) != NULL)
			return pictures[i];
	}
	return NULL;
}

static bool
send_head(struct passing *passing, const struct content_head *head)
{
	struct call *call = passing->call;
	const char *ending;
	const char *type = type_of(passing->pass, head->type, &ending);
	call->reply->status = head->status;
	pass_tag(call, passing->pass->etag);
	reply_header(call->reply, "Content-Type", type);
	pass_disposition(call, passing->pass, ending);
	if (passing->pass->variant == VARIANT_VIDEO)
		reply_header(call->reply, "Accept-Ranges", "bytes");
	if (head->range[0] != '\0')
		reply_header(call->reply, "Content-Range", head->range);
	if (head->length >= 0)
		reply_headerf(call->reply, "Content-Length", "%" PRId64, head->length);
	/* For the web server: else it would leave a client whose video has broken off waiting for the rest.
	 */
	reply_header(call->reply, "Connection", "close");
	envelope_headers(call->request->id, call->reply);
	passing->gone = !reply_stream_begin(call->reply, call->request);
	return !passing->gone;
}

static bool
send_piece(struct passing *passing, const void *bytes, size_t len)
{
	passing->gone = !reply_stream(passing->call->reply, passing->call->request, bytes, len);
	return !passing->gone;
}

/* ---- a video that is kept first ---- */

static enum err_code
keep_begin(struct passing *passing, const struct content_head *head)
{
	struct arena *arena = passing->call->arena;
	const char *dir = arena_printf(arena, "%s/tmp", passing->call->config->data);
	char *path = arena_printf(arena, "%s/tmp/video-XXXXXX", passing->call->config->data);
	passing->head = (struct content_head){.status = head->status,
	                                      .type = arena_strdup(arena, head->type),
	                                      .range = arena_strdup(arena, head->range)};
	if (dir == NULL || path == NULL || passing->head.type == NULL || passing->head.range == NULL)
		return ERR_NO_MEMORY;
	if (file_make_dir(dir))
		passing->file = mkostemp(path, O_CLOEXEC);
	if (passing->file < 0)
		return errno == ENOSPC ? ERR_NO_SPACE : ERR_INTERNAL;
	unlink(path);
	return ERR_OK;
}

static enum err_code
keep_piece(struct passing *passing, const void *bytes, size_t len)
{
	passing->kept += (int64_t)len;
	if (passing->kept > LIMIT_VIDEO_KEPT)
		return ERR_UPSTREAM_FAILED;
	if (!file_write_all(passing->file, bytes, len))
		return errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
	return ERR_OK;
}

static void
keep_send(struct passing *passing)
{
	char piece[PIECE];
	ssize_t got = 0;
	passing->head.length = passing->kept;
	if (lseek(passing->file, 0, SEEK_SET) != 0) {
		passing->why = ERR_INTERNAL;
		return;
	}
	bool on = send_head(passing, &passing->head);
	while (on && (got = read(passing->file, piece, sizeof(piece))) > 0)
		on = send_piece(passing, piece, (size_t)got);
	if (got < 0)
		passing->why = ERR_INTERNAL;
}

/* ---- the sink ---- */

static bool
on_head(void *cookie, const struct content_head *head)
{
	struct passing *passing = cookie;
	const char *ending;
	if (type_of(passing->pass, head->type, &ending) == NULL) {
		passing->why = ERR_NOT_FOUND;
		return false;
	}
	/* A part that nobody asked for, or that does not say which, would pass for the whole. */
	if (head->status == 206 && (passing->pass->range == NULL || head->range[0] == '\0'))
		return false;
	if (head->length >= 0 || passing->call->request->head) /* for HEAD the headers are all */
		return send_head(passing, head) && !passing->call->request->head;
	passing->why = keep_begin(passing, head);
	return passing->why == ERR_OK;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct passing *passing = cookie;
	if (passing->file < 0)
		return send_piece(passing, bytes, len);
	passing->why = keep_piece(passing, bytes, len);
	return passing->why == ERR_OK;
}

enum err_code
pass_video(struct call *call, const struct pass *pass)
{
	struct passing passing = {.call = call, .pass = pass, .file = -1};
	const struct content_sink sink = {on_head, on_data, &passing};
	enum err_code err =
	    pass->variant == VARIANT_VIDEO
	        ? content_fetch(call->program, call->arena, pass->task, pass->range, &sink)
	        : content_fetch_picture(call->program, call->arena, pass->task, pass->variant, &sink);
	if (err == ERR_OK && passing.file >= 0)
		keep_send(&passing);
	if (passing.file >= 0)
		close(passing.file);
	if (passing.why != ERR_OK)
		err = passing.why;
	if (!call->reply->streaming)
		return err;
	if (err != ERR_OK && !passing.gone && !call->request->head)
		log_warn("a video broke off: request=%s task=%s why=%s", call->request->id,
		         pass->task->video_id, err_word(err));
	return ERR_OK;
}
