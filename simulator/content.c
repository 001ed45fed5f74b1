/* The video: GET /simulator/files/:id.mp4, and what the content path of the dialect "openai" sends. All
 * jobs have the same file, share/simulator/sample.mp4, but each an entity tag of its own. */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "call.h"
#include "handlers.h"
#include "job.h"
#include "web/etag.h"
#include "web/range.h"

/* True where `host` is a server's name or address, with or without a port. */
static bool
is_host(const char *host)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";

	return host && *host != '\0' && host[strspn(host, allowed)] == '\0';
}

const char *
content_url(const struct call *call, const struct job *job)
{
	const char *scheme = request_variable(call->request, "REQUEST_SCHEME");
	const char *host = request_header(call->request, "Host");

	if (scheme == NULL || strcmp(scheme, "https") != 0)
		scheme = "http";
	if (!is_host(host))
		host = arena_printf(call->arena, "%s:%s", request_variable(call->request, "SERVER_NAME"),
		                    request_variable(call->request, "SERVER_PORT"));
	return arena_printf(call->arena, "%s://%s/simulator/files/%s.mp4", scheme, host, job->id);
}

/* Sends the next `len` bytes of the file. */
static void
send_bytes(struct call *call, int fd, int64_t len)
{
	char bytes[16384];

	while (len > 0) {
		ssize_t got = read(fd, bytes, len < (int64_t)sizeof(bytes) ? (size_t)len : sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || !reply_stream(call->reply, call->request, bytes, (size_t)got))
			return; /* too short for its Content-Length: the client notices */
		len -= got;
	}
}

static struct err
send_file(struct call *call, const struct job *job, int fd)
{
	struct reply *reply = call->reply;
	struct range range;
	struct stat st;

	const char *etag = arena_printf(call->arena, "\"%s\"", job->id);
	if (etag == NULL)
		return err_of(ERR_NO_MEMORY);
	if (fstat(fd, &st) < 0)
		return err_of(ERR_INTERNAL);
	reply_header(reply, "Accept-Ranges", "bytes");
	reply_header(reply, "ETag", etag);
	if (etag_matches(request_header(call->request, "If-None-Match"), etag)) {
		reply->status = 304;
		return err_of(ERR_OK);
	}
	enum range_kind kind =
	    range_read(request_header(call->request, "Range"), request_header(call->request, "If-Range"),
	               etag, st.st_size, &range);
	if (kind == RANGE_BAD) {
		reply_headerf(reply, "Content-Range", "bytes */%" PRId64, (int64_t)st.st_size);
		return err_of(ERR_RANGE_NOT_SATISFIABLE);
	}
	if (kind == RANGE_PART) {
		reply->status = 206;
		reply_headerf(reply, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
		              range.first + range.len - 1, (int64_t)st.st_size);
	}
	reply_header(reply, "Content-Type", "video/mp4");
	reply_headerf(reply, "Content-Length", "%" PRId64, range.len);
	if (lseek(fd, range.first, SEEK_SET) < 0)
		return err_of(ERR_INTERNAL);
	if (reply_stream_begin(reply, call->request))
		send_bytes(call, fd, range.len);
	return err_of(ERR_OK);
}

struct err
content_send(struct call *call, const struct job *job)
{
	const char *dir = file_install_dir(call->arena);
	const char *path = dir ? arena_printf(call->arena, "%s/share/simulator/sample.mp4", dir) : NULL;

	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return err_say(ERR_INTERNAL, NULL, "%s does not exist.", path ? path : "sample");
	struct err err = send_file(call, job, fd);
	close(fd);
	return err;
}

struct err
content_file(struct call *call)
{
	const char *name = call->request->params[0];
	size_t len = strlen(name);
	struct job job;

	if (len < 4 || strcmp(name + len - 4, ".mp4") != 0)
		return err_of(ERR_NOT_FOUND);
	const char *id = arena_strndup(call->arena, name, len - 4);
	if (id == NULL)
		return err_of(ERR_NO_MEMORY);
	enum err_code code = job_load(call->arena, call->dir, id, &job);
	if (code == ERR_OK && (!job_state(&job, clock_wall_ms()).completed ||
	                       job_deleted_at(call->arena, call->dir, &job) != 0))
		code = ERR_NOT_FOUND;
	return code == ERR_OK ? content_send(call, &job) : err_of(code);
}
