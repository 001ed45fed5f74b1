/* Composes requests by a profile. Nothing that was asked for is left out: see wish.h. */
#include "upstream/dialect/compose.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/body.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/wish.h"
#include "upstream/http/origin.h"

/* Makes the header that has the key. *ret_line is NULL for a channel without a key. */
static enum err_code
key_header(const struct channel *channel, struct arena *arena, const char **ret_line)
{
	const struct dialect *d = channel->dialect;
	const char *line = NULL;

	/* A line break in a key would begin a header of its own. */
	for (const char *p = channel->key; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return ERR_INTERNAL;
	if (channel->key[0]) {
		line = arena_printf(arena, "%s: %s%s", d->auth_header, d->auth_prefix, channel->key);
		if (line == NULL)
			return ERR_NO_MEMORY;
	}
	*ret_line = line;
	return ERR_OK;
}

static size_t
count_lines(const char *const *lines)
{
	size_t n = 0;
	while (lines && lines[n])
		n++;
	return n;
}

/* Collects the headers for a call of the channel's API: those of every call, `more` and `own`, each
 * NULL-terminated or NULL. */
static enum err_code
api_headers(const struct channel *channel, const char *const *more, const char *const *own,
            struct arena *arena, const char *const **ret_headers)
{
	const char *const *const lists[] = {channel->dialect->headers, more, own};
	size_t room = 3; /* Accept, the key, the end */
	size_t n = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		room += count_lines(lists[i]);
	const char **headers = arena_alloc(arena, room * sizeof(*headers));
	const char *key = NULL;
	enum err_code err = headers ? key_header(channel, arena, &key) : ERR_NO_MEMORY;

	if (err != ERR_OK)
		return err;
	headers[n++] = "Accept: application/json";
	if (key)
		headers[n++] = key;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t j = 0; j < count_lines(lists[i]); j++)
			headers[n++] = lists[i][j];
	*ret_headers = headers;
	return ERR_OK;
}

/* Returns how much of `base` stands before `path`: without the steps at its end with which the path begins,
 * as operators write a base with and without its /v1. */
static int
base_length(const char *base, const char *path)
{
	const char *host = strstr(base, "://");
	size_t len = strlen(base);
	for (const char *p = host != NULL ? strchr(host + 3, '/') : NULL; p != NULL; p = strchr(p + 1, '/')) {
		size_t tail = len - (size_t)(p - base);
		if (strncmp(path, p, tail) == 0 && path[tail] == '/')
			return (int)(p - base);
	}
	return (int)len;
}

/* Joins `base` and `path`, with the id percent-encoded (RFC 3986, section 2.3) in place of {id}. */
static const char *
url_with_id(const char *base, const char *path, const char *id, struct arena *arena)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	const char *mark = strstr(path, "{id}");
	char *encoded = arena_alloc(arena, 3 * strlen(id) + 1);
	char *to = encoded;

	if (encoded == NULL)
		return NULL;
	for (const char *p = id; *p; p++) {
		if (strchr(unreserved, *p)) {
			*to++ = *p;
			continue;
		}
		snprintf(to, 4, "%%%02X", (unsigned char)*p);
		to += 3;
	}
	return arena_printf(arena, "%.*s%.*s%s%s", base_length(base, path), base, (int)(mark - path), path,
	                    encoded, mark + strlen("{id}"));
}

static const char *
url_of(const struct channel *channel, const char *path, struct arena *arena)
{
	return arena_printf(arena, "%.*s%s", base_length(channel->base, path), channel->base, path);
}

/* ---- the submission ---- */

/* Sets the headers of a submission. */
static enum err_code
submit_headers(const struct channel *channel, const struct task *task, const struct dialect_form *form,
               struct arena *arena, struct http_request *request)
{
	const char *more[3] = {0};
	size_t n = 0;
	if (request->body)
		more[n++] = "Content-Type: application/json";
	if (channel->idempotency_header) {
		more[n] = arena_printf(arena, "%s: %s-%lld", channel->idempotency_header, task->video_id,
		                       (long long)task->attempt);
		if (!more[n])
			return ERR_NO_MEMORY;
	}
	return api_headers(channel, more, form->headers, arena, &request->headers);
}

enum err_code
compose_submit(const struct channel *channel, const struct task *task, const char *input_path,
               struct arena *arena, struct http_request *ret_request)
{
	const struct json *options;
	const struct dialect_form *form = body_form(channel->dialect, task, arena, &options);
	struct http_request request = {.method = "POST", .once = true};
	struct task theirs = *task;

	struct task asked = *task;
	asked.input_file = input_path;
	theirs.model = channel_their_model(channel, task->model);
	if (!form->call.path || wish_unsaid(channel, &asked, NULL, arena) != NULL)
		return ERR_UNSUPPORTED_FIELD;
	enum err_code err = body_compose(form, &theirs, input_path, arena, &request);
	if (err == ERR_OK)
		err = submit_headers(channel, task, form, arena, &request);
	if (err != ERR_OK)
		return err;
	request.url = strstr(form->call.path, "{id}")
	                  ? url_with_id(channel->base, form->call.path, task->source_external_id, arena)
	                  : url_of(channel, form->call.path, arena);
	if (!request.url)
		return ERR_NO_MEMORY;
	*ret_request = request;
	return ERR_OK;
}

/* ---- calls about jobs ---- */

/* Composes a call without a body about one job. */
static enum err_code
compose_about(const struct channel *channel, const struct task *task, const char *path, struct arena *arena,
              struct http_request *request)
{
	if (!task->external_id || !task->external_id[0])
		return ERR_INTERNAL;
	request->url = url_with_id(channel->base, path, task->external_id, arena);
	if (!request->url)
		return ERR_NO_MEMORY;
	return api_headers(channel, NULL, NULL, arena, &request->headers);
}

enum err_code
compose_poll(const struct channel *channel, const struct task *task, struct arena *arena,
             struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	enum err_code err = compose_about(channel, task, channel->dialect->poll.path, arena, &request);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_cancel(const struct channel *channel, const struct task *task, struct arena *arena,
               struct http_request *ret_request)
{
	struct http_request request = {.method = channel->dialect->cancel_method};
	if (!channel->dialect->cancel.path)
		return ERR_NOT_FOUND;
	enum err_code err = compose_about(channel, task, channel->dialect->cancel.path, arena, &request);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_list(const struct channel *channel, struct arena *arena, struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	const struct dialect_call *call = &channel->dialect->list.call;
	if (!call->path)
		return ERR_NOT_FOUND;
	request.url = url_of(channel, call->path, arena);
	if (!request.url)
		return ERR_NO_MEMORY;
	enum err_code err = api_headers(channel, NULL, NULL, arena, &request.headers);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_check(const struct channel *channel, struct arena *arena, struct http_request *ret_request,
              bool *ret_missing)
{
	const struct dialect *dialect = channel->dialect;
	const char *path = dialect->check.path ? dialect->check.path : dialect->list.call.path;
	struct http_request request = {.method = "GET"};
	*ret_missing = path == NULL;
	if (path == NULL)
		return compose_poll(channel, &(struct task){.external_id = "longreel-check"}, arena,
		                    ret_request);
	request.url = url_of(channel, path, arena);
	enum err_code err =
	    request.url ? api_headers(channel, NULL, NULL, arena, &request.headers) : ERR_NO_MEMORY;
	if (err == ERR_OK)
		*ret_request = request;
	return err;
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
	const char **headers = arena_alloc(arena, 2 * sizeof(*headers));
	enum err_code err = ERR_OK;

	if (place.link)
		request.url = arena_strdup(arena, place.link);
	else if (place.path && task->external_id && task->external_id[0])
		request.url = url_with_id(channel->base, place.path, task->external_id, arena);
	else
		return ERR_NOT_FOUND;
	if (!headers || !request.url)
		return ERR_NO_MEMORY;
	if (origin_same(request.url, channel->base))
		err = key_header(channel, arena, &headers[0]);
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
