/* Composes submissions by a profile; calls about jobs are in compose_job.c. Nothing that was asked for is
 * left out: see wish.h. */
#include "upstream/dialect/compose.h"

#include "base/arena.h"
#include "base/json.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/body.h"
#include "upstream/dialect/compose_headers.h"
#include "upstream/dialect/fill.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/wish.h"

enum err_code
compose_key(const struct channel *channel, struct arena *arena, const char **ret_line)
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

enum err_code
compose_headers(const struct channel *channel, const char *const *more, const char *const *own,
                struct arena *arena, const char *const **ret_headers)
{
	const char *const *const lists[] = {channel->dialect->headers, more, own};
	size_t room = 3; /* Accept, the key, the end */
	size_t n = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		room += count_lines(lists[i]);
	const char **headers = arena_alloc(arena, room * sizeof(*headers));
	const char *key = NULL;
	enum err_code err = headers ? compose_key(channel, arena, &key) : ERR_NO_MEMORY;

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
	return compose_headers(channel, more, form->headers, arena, &request->headers);
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
	const struct fill fill = {.id = task->source_external_id, .model = theirs.model};
	err = fill_url(channel->base, form->call.path, &fill, arena, &request.url);
	if (err != ERR_OK)
		return err;
	*ret_request = request;
	return ERR_OK;
}
