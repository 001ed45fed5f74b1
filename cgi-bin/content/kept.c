/* Sends a video that is kept. Where the web server can (X-Sendfile, X-Accel-Redirect), it sends the file,
 * ranges included, and no thread of ours waits for a slow client; else the file is a stream (stream.h). */
#include "kept.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/config.h"
#include "domain/video/path.h"
#include "media.h"
#include "model/archive_entry.h"
#include "model/task.h"
#include "pass.h"
#include "stream.h"
#include "web/etag.h"
#include "web/range.h"
#include "web/reply.h"
#include "web/request.h"

/* A video that is kept never changes: a client may cache it for a day. */
static void
add_etag(struct call *call, const char *etag)
{
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, max-age=86400");
}

static void
add_headers(struct call *call, const struct archive_entry *file, const struct pass *pass)
{
	add_etag(call, pass->etag);
	media_headers(call, media_video(file->type, NULL), pass->task->video_id, pass->task->prompt,
	              pass->download);
}

/* Tells the web server the file to send; it reads the Range header itself. */
static void
send_by_server(struct call *call, const char *path)
{
	size_t data = strlen(call->config->data);
	call->reply->status = 200;
	if (strcmp(call->config->sendfile, "x-accel") == 0)
		reply_headerf(call->reply, "X-Accel-Redirect", "/kept%s", path + data + strlen("/archive"));
	else
		reply_header(call->reply, "X-Sendfile", path);
}

/* Sends the part from here. */
static struct err
send_part(struct call *call, const struct archive_entry *file, const struct pass *pass, int fd,
          const struct range *part)
{
	struct stream stream;
	int64_t at = part->first, end = part->first + part->len;
	struct err err = stream_open(call, stream_who(call, pass->task->user_id), &stream);
	if (err.code != ERR_OK)
		return err;
	add_headers(call, file, pass);
	call->reply->status = part->len < file->size ? 206 : 200;
	if (part->len < file->size)
		reply_headerf(call->reply, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64, at,
		              end - 1, file->size);
	reply_header(call->reply, "Accept-Ranges", "bytes");
	stream_file(&stream, fd, at, end);
	stream_close(&stream);
	return err;
}

struct err
kept_video(struct call *call, const struct archive_entry *file, const struct pass *pass)
{
	struct stat st;
	struct range part;
	const char *path = archive_path(call->arena, call->config->data, pass->task->video_id);
	if (path == NULL)
		return err_of(ERR_NO_MEMORY);
	if (etag_matches(request_header(call->request, "If-None-Match"), pass->etag)) {
		add_etag(call, pass->etag);
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool there = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == file->size;
	struct err err = err_of(there ? ERR_OK : ERR_NOT_FOUND);
	const char *if_range = request_header(call->request, "If-Range");
	if (there && range_read(pass->range, if_range, pass->etag, file->size, &part) == RANGE_BAD) {
		reply_headerf(call->reply, "Content-Range", "bytes */%" PRId64, file->size);
		err = err_of(ERR_RANGE_NOT_SATISFIABLE);
	}
	if (err.code == ERR_OK && strcmp(call->config->sendfile, "off") == 0) {
		err = send_part(call, file, pass, fd, &part);
	} else if (err.code == ERR_OK) {
		add_headers(call, file, pass);
		send_by_server(call, path);
	}
	if (fd >= 0)
		close(fd);
	return err;
}
