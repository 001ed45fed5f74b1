/* GET /api/video/tasks/:videoId/content[?download=1][&variant=thumbnail] · GET /v1/videos/:videoId/content
 *
 * 200 or 206 with the video's bytes, or 200 with those of a picture of it where the upstream has one, else
 * not_found; 304 for a known ETag. A video that is kept never changes: its ETag is its id; one that comes
 * from the upstream has none. Needs a token, or a link that we have signed (expires, signature). Errors:
 * unauthorized, link_expired, task_not_found, not_completed (409), content_gone (410), no_space,
 * range_not_satisfiable, upstream_failed, busy, archive_away (503), too_many_downloads, rate_limited (429),
 * timeout (504). Reads the task, its user and the archive by itself; fetches a video that is not kept through
 * domain/video/content.h.
 */
#include <stddef.h>

#include "api/call.h"
#include "base/arena.h"
#include "base/config.h"
#include "domain/channel/channels.h"
#include "domain/video/link.h"
#include "domain/video/mark.h"
#include "handlers.h"
#include "kept.h"
#include "pass.h"
#include "right.h"
#include "shared.h"
#include "store/archive.h"
#include "web/field.h"
#include "web/range.h"

enum { AWAY_MS = 60000 /* Retry-After while the archive is away */ };

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

/* The Range header to pass to the upstream, which knows the size; NULL for the whole. With an If-Range it is
 * the whole, as a video from the upstream has no ETag. */
static const char *
upstream_range(const struct call *call)
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

/* Sends the video that is kept, else that of the upstream. */
static struct err
send_video(struct call *call, struct pass *pass)
{
	struct archive_entry file;
	pass->range = request_header(call->request, "Range");
	enum err_code err = store_archive_get(call->store, call->arena, pass->task->id, &file);
	struct err sent = err == ERR_OK ? kept_video(call, &file, pass) : err_of(err);
	if (sent.code != ERR_NOT_FOUND)
		return sent;
	pass->range = upstream_range(call);
	sent = pass_video(call, pass);
	bool gone = sent.code == ERR_CONTENT_GONE || sent.code == ERR_UPSTREAM_FAILED;
	if (err == ERR_OK && gone && !archive_is_there(call->config->data)) {
		sent = err_of(ERR_ARCHIVE_AWAY); /* it is neither lost nor expired */
		sent.retry_after_ms = AWAY_MS;
	}
	return sent;
}

static struct err
send_picture(struct call *call, const struct pass *pass)
{
	struct err err = pass_video(call, pass);
	return err.code == ERR_NOT_FOUND
	           ? err_say(err.code, "variant", "There is no %s of this video.", variants[pass->variant])
	           : err;
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
