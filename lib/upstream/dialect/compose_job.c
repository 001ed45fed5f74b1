/* Composes the calls about jobs by a profile: polls, cancellations, lists, downloads. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/compose_headers.h"
#include "upstream/dialect/fill.h"
#include "upstream/dialect/job.h"
#include "upstream/dialect/profile.h"
#include "upstream/http/origin.h"

/* What the placeholders of a call about the task's job stand for. */
static struct fill
fill_of(const struct channel *channel, const struct task *task, const char *result_id)
{
	return (struct fill){.id = task->external_id,
	                     .result_id = result_id,
	                     .model = channel_their_model(channel, task->model)};
}

/* A call about a job. */
struct call {
	const struct dialect_ask *ask;
	enum job_link link;
	const char *result_id; /* or NULL */
};

/* Writes where the call goes: by the link that the upstream gave for it, where that leads to the channel's
 * own origin, or by the profile's path. */
static enum err_code
url_of(const struct channel *channel, const struct call *call, const struct task *task, struct arena *arena,
       const char **ret_url)
{
	const struct dialect_ask *ask = call->ask;
	const struct fill fill = fill_of(channel, task, call->result_id);
	const char *link = ask->url != NULL ? job_link(task, call->link, arena) : NULL;
	if (link == NULL || !origin_same(link, channel->base)) {
		const char *path = dialect_path(&ask->call, &ask->paths, job_inputs(task, arena));
		return path ? fill_url(channel->base, path, &fill, arena, ret_url) : ERR_NOT_FOUND;
	}
	*ret_url = link;
	return ERR_OK;
}

static enum err_code
compose_call(const struct channel *channel, const struct call *call, const struct task *task,
             struct arena *arena, struct http_request *ret_request)
{
	static const char *const json[] = {"Content-Type: application/json", NULL};
	const struct dialect_ask *ask = call->ask;
	const struct fill fill = fill_of(channel, task, call->result_id);
	struct http_request request = {.method = ask->method ? ask->method : "GET", .cut = true};
	enum err_code err = url_of(channel, call, task, arena, &request.url);
	if (err == ERR_OK && ask->body != NULL)
		err = fill_json(ask->body, &fill, arena, &request.body);
	if (err == ERR_OK)
		err = compose_headers(channel, request.body ? json : NULL, NULL, arena, &request);
	if (err != ERR_OK)
		return err;
	request.body_len = request.body ? strlen(request.body) : 0;
	*ret_request = request;
	return ERR_OK;
}

enum err_code
compose_poll(const struct channel *channel, const struct task *task, struct arena *arena,
             struct http_request *ret_request)
{
	const struct call call = {&channel->dialect->poll, JOB_LINK_POLL, NULL};
	return compose_call(channel, &call, task, arena, ret_request);
}

enum err_code
compose_result(const struct channel *channel, const struct task *task, const char *result_id,
               struct arena *arena, struct http_request *ret_request)
{
	const struct call call = {&channel->dialect->result, JOB_LINK_RESULT, result_id};
	return compose_call(channel, &call, task, arena, ret_request);
}

enum err_code
compose_cancel(const struct channel *channel, const struct task *task, struct arena *arena,
               struct http_request *ret_request)
{
	const struct call call = {&channel->dialect->cancel, JOB_LINK_CANCEL, NULL};
	if (call.ask->call.path == NULL)
		return ERR_NOT_FOUND;
	return compose_call(channel, &call, task, arena, ret_request);
}

/* Composes a call about no job. */
static enum err_code
compose_get(const struct channel *channel, const char *path, struct arena *arena,
            struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	enum err_code err = fill_url(channel->base, path, &(struct fill){0}, arena, &request.url);
	if (err == ERR_OK)
		err = compose_headers(channel, NULL, NULL, arena, &request);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_list(const struct channel *channel, struct arena *arena, struct http_request *ret_request)
{
	const char *path = channel->dialect->list.call.path;
	return path ? compose_get(channel, path, arena, ret_request) : ERR_NOT_FOUND;
}

enum err_code
compose_models(const struct channel *channel, struct arena *arena, struct http_request *ret_request)
{
	const char *path = channel->dialect->models.call.path;
	return path ? compose_get(channel, path, arena, ret_request) : ERR_NOT_FOUND;
}

enum err_code
compose_check(const struct channel *channel, struct arena *arena, struct http_request *ret_request,
              bool *ret_missing)
{
	const struct dialect *dialect = channel->dialect;
	const char *path = dialect->check.path ? dialect->check.path : dialect->list.call.path;
	*ret_missing = path == NULL;
	if (path != NULL)
		return compose_get(channel, path, arena, ret_request);
	const struct task nothing = {.external_id = "longreel-check", .model = "longreel-check"};
	return compose_poll(channel, &nothing, arena, ret_request);
}

/* ---- downloads ---- */

/* Where the video or a picture of a task is. */
struct place {
	const char *link; /* that the upstream gave, or NULL */
	const char *path; /* the profile's, or NULL */
};

static enum err_code
compose_download(const struct channel *channel, const struct task *task, struct place place,
                 struct arena *arena, struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	const struct fill fill = fill_of(channel, task, NULL);
	const char **headers = arena_alloc(arena, 2 * sizeof(*headers));
	enum err_code err = ERR_OK;

	if (place.link)
		request.url = arena_strdup(arena, place.link);
	else if (place.path && task->external_id && task->external_id[0])
		err = fill_url(channel->base, place.path, &fill, arena, &request.url);
	else
		return ERR_NOT_FOUND;
	if (err == ERR_OK && (!headers || !request.url))
		err = ERR_NO_MEMORY;
	if (err == ERR_OK && origin_same(request.url, channel->base))
		err = compose_key(channel, arena, &headers[0]);
	if (err != ERR_OK)
		return err;
	request.headers = headers;
	*ret_request = request;
	return ERR_OK;
}

enum err_code
compose_content(const struct channel *channel, const struct task *task, struct arena *arena,
                struct http_request *ret_request)
{
	struct place place = {task->video_url, channel->dialect->content.path};
	return compose_download(channel, task, place, arena, ret_request);
}

enum err_code
compose_picture(const struct channel *channel, const struct task *task, enum content_variant variant,
                struct arena *arena, struct http_request *ret_request)
{
	struct place place = {NULL, channel->dialect->spritesheet};
	if (variant == VARIANT_THUMBNAIL)
		place = (struct place){task->image_url, channel->dialect->thumbnail};
	return compose_download(channel, task, place, arena, ret_request);
}
