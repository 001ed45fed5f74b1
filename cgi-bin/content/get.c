/* GET /api/video/tasks/:videoId/content[?download=1][&variant=thumbnail] · GET /v1/videos/:videoId/content
 *
 * 200 or 206 with the video's bytes, or 200 with those of a picture of it where the upstream has one, else
 * not_found; 304 for a known ETag. A video that is kept never changes, so its tag is its id; what comes from
 * the upstream has none. Who asks shows a token, or a link that we have signed (expires, signature). Errors:
 * unauthorized, link_expired, task_not_found, not_completed (409), content_gone (410), no_space,
 * range_not_satisfiable, upstream_failed, busy (503), timeout (504). Reads task_get, user_enabled,
 * archive_get; what is not kept comes through domain/content. */
#include <stddef.h>

#include "api/call.h"
#include "base/arena.h"
#include "domain/channel/channels.h"
#include "domain/video/link.h"
#include "handlers.h"
#include "kept.h"
#include "pass.h"
#include "right.h"
#include "shared.h"
#include "store/archive.h"
#include "web/field.h"
#include "web/range.h"

enum { BUSY_MS = 5000 }; /* when who found no room asks again */

struct query {
	struct field_bool download;
	struct field_int expires;
	const char *signature;
	const char *variant;
};

static const char *const variants[] = {[VARIANT_VIDEO] = "video",
                                       [VARIANT_THUMBNAIL] = "thumbnail",
                                       [VARIANT_SPRITESHEET] = "spritesheet",
                                       NULL};

static const struct field fields[] = {
    {"download", FIELD_BOOL, offsetof(struct query, download)},
    {"expires", FIELD_INT, offsetof(struct query, expires), .min = 0, .max = INT64_MAX},
    {"signature", FIELD_LINE, offsetof(struct query, signature), .min = 1, .max = 2 * LINK_SIGNATURE},
    {"variant", FIELD_WORD, offsetof(struct query, variant), .words = variants},
};

/* The range that is asked for, where it is one. The upstream knows the size. What comes from it has no tag
 * that an If-Range could name. */
static const char *
range_of(const struct call *call)
{
	struct range parsed;
	const char *range = request_header(call->request, "Range");
	const char *if_range = request_header(call->request, "If-Range");
	bool part = if_range == NULL && range_read(range, NULL, "", INT64_MAX, &parsed) != RANGE_WHOLE;
	return part ? range : NULL;
}

static enum content_variant
variant_of(const struct query *query)
{
	enum content_variant variant = VARIANT_VIDEO;
	while (query->variant != NULL && query->variant != variants[variant])
		variant++;
	return variant;
}

static struct err
passed(enum err_code code)
{
	struct err err = err_of(code);
	if (code == ERR_BUSY)
		err.retry_after_ms = BUSY_MS;
	return err;
}

/* The video, from where it is kept or else from its upstream. */
static struct err
send_video(struct call *call, struct pass *pass)
{
	struct archive_entry file;
	pass->range = request_header(call->request, "Range");
	enum err_code err = store_archive_get(call->store, call->arena, pass->task->id, &file);
	if (err == ERR_OK)
		err = kept_video(call, &file, pass);
	if (err != ERR_NOT_FOUND)
		return err_of(err);
	pass->range = range_of(call);
	return passed(pass_video(call, pass));
}

static struct err
send_picture(struct call *call, const struct pass *pass)
{
	enum err_code err = pass_video(call, pass);
	return err == ERR_NOT_FOUND
	           ? err_say(err, "variant", "There is no %s of this video.", variants[pass->variant])
	           : passed(err);
}

struct err
content_get(struct call *call)
{
	const struct shared *shared = call->program;
	struct query query = {0};
	struct task task;
	int64_t scope = -1;
	struct err bad = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	struct err right = right_scope(call, query.signature, query.expires.value, &scope);
	if (right.code != ERR_OK || bad.code != ERR_OK)
		return right.code != ERR_OK ? right : bad;
	channels_refresh(shared->channels, call->store);
	enum err_code err = right_task(call, scope, &task);
	if (err != ERR_OK)
		return err_of(err);
	if (task.state != TASK_STATE_COMPLETED)
		return err_of(ERR_NOT_COMPLETED);
	struct pass pass = {.task = &task,
	                    .etag = arena_printf(call->arena, "\"%s\"", task.video_id),
	                    .download = query.download.value,
	                    .variant = variant_of(&query)};
	if (pass.etag == NULL)
		return err_of(ERR_NO_MEMORY);
	return pass.variant == VARIANT_VIDEO ? send_video(call, &pass) : send_picture(call, &pass);
}
