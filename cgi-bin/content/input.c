/* GET /api/video/tasks/:videoId/input[?role=first|last|reference][&index=0][&expires=&signature=]
 *
 * An image that the task was made from, as it was sent: by default the first, or else the first of the role;
 * the task object lists them (inputs). 200 with its bytes; 304 for a known ETag: an image never changes.
 * Needs a token, or a link that an upstream has got from us. Errors: unauthorized, link_expired,
 * task_not_found, not_found where the task has no such image, input_lost (410) where its file is gone, busy
 * (503), too_many_downloads (429). Reads the task by itself. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/upload.h"
#include "domain/video/link.h"
#include "handlers.h"
#include "media.h"
#include "model/image.h"
#include "model/task.h"
#include "right.h"
#include "stream.h"
#include "web/etag.h"
#include "web/field.h"
#include "web/form.h"
#include "web/reply.h"
#include "web/request.h"

struct query {
	const char *role;
	struct field_int index, expires;
	const char *signature;
};

static const char *const roles[] = {
    [IMAGE_FIRST] = "first", [IMAGE_LAST] = "last", [IMAGE_REFERENCE] = "reference", NULL};

static const struct field fields[] = {
    {"role", FIELD_WORD, offsetof(struct query, role), .words = roles},
    {"index", FIELD_INT, offsetof(struct query, index), .min = 0, .max = LIMIT_REFERENCES - 1},
    {"expires", FIELD_INT, offsetof(struct query, expires), .min = 0, .max = INT64_MAX},
    {"signature", FIELD_LINE, offsetof(struct query, signature), .min = 1, .max = 2 * LINK_SIGNATURE},
};

/* Finds the image; NULL where the task has none such. Without a role it is the first one of all. */
static const struct task_image *
find(const struct task_image *images, size_t count, const struct query *query)
{
	int64_t left = query->index.value;
	for (size_t i = 0; i < count; i++)
		if (query->role == NULL || roles[images[i].role] == query->role)
			if (left-- == 0)
				return &images[i];
	return NULL;
}

/* Sends the image by the type of its bytes. */
static struct err
send_image(struct call *call, const struct task_image *image, const char *video_id)
{
	struct stat st;
	struct stream stream;
	uint8_t magic[IMAGE_MAGIC];
	const char *path = upload_path(call->arena, call->config->data, image->file);
	if (path == NULL)
		return err_of(ERR_NO_MEMORY);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_of(errno == ENOENT ? ERR_INPUT_LOST : ERR_INTERNAL);
	ssize_t got = pread(fd, magic, sizeof(magic), 0);
	const char *type = got > 0 ? image_type(magic, (size_t)got) : NULL;
	const struct media *media = type != NULL ? media_picture(type) : NULL;
	struct err err =
	    err_of(media != NULL && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? ERR_OK : ERR_INPUT_LOST);
	bool by_server = strcmp(call->config->sendfile, "x-sendfile") == 0;
	/* A link is an upstream's, which gets the images of all users: none of these has it as a share. */
	if (err.code == ERR_OK && !by_server)
		err = stream_open(call, call->user != NULL ? call->user->id : 0, &stream);
	if (err.code == ERR_OK) {
		reply_headerf(call->reply, "ETag", "\"%s\"", image->file);
		reply_header(call->reply, "Cache-Control", "private, max-age=86400");
		media_headers(call, media, video_id, NULL, false);
	}
	/* lighttpd sends it without a thread of ours, at the pace of the client. */
	if (err.code == ERR_OK && by_server) {
		reply_header(call->reply, "X-Sendfile", path);
	} else if (err.code == ERR_OK) {
		stream_file(&stream, fd, 0, st.st_size);
		stream_close(&stream);
	}
	close(fd);
	return err;
}

/* Checks token or link; as right_scope(). */
static struct err
input_scope(struct call *call, const struct query *query, int64_t *ret_scope)
{
	const struct link_image image = {call->request->params[0], query->role, (size_t)query->index.value};
	if (query->signature == NULL)
		return right_scope(call, NULL, 0, ret_scope);
	*ret_scope = 0;
	bool good = query->role != NULL && links_good_image(call->links, &image, query->expires.value,
	                                                    query->signature, clock_wall_ms());
	return err_of(good ? ERR_OK : ERR_LINK_EXPIRED);
}

struct err
content_input(struct call *call)
{
	struct task task;
	struct query query = {0};
	size_t count = 0;
	int64_t scope = -1;
	struct err bad = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	struct err right = input_scope(call, &query, &scope);
	if (right.code != ERR_OK || bad.code != ERR_OK)
		return right.code != ERR_OK ? right : bad;
	enum err_code err = right_task(call, scope, &task);
	if (err != ERR_OK)
		return err_of(err);
	const struct task_image *images = task_images(call->arena, &task, &count);
	if (images == NULL)
		return err_of(ERR_NO_MEMORY);
	const struct task_image *image = find(images, count, &query);
	if (image == NULL)
		return err_in_chinese(err_say(ERR_NOT_FOUND, NULL, "This task has no such image."),
		                      "该任务没有此图片。");
	const char *etag = arena_printf(call->arena, "\"%s\"", image->file);
	if (etag == NULL)
		return err_of(ERR_NO_MEMORY);
	if (!etag_matches(request_header(call->request, "If-None-Match"), etag))
		return send_image(call, image, task.video_id);
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, max-age=86400");
	call->reply->status = 304;
	envelope_headers(call->request->id, call->reply);
	return err_of(ERR_OK);
}
