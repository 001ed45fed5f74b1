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
                struct arena *arena, struct http_request *request)
{
	const char *const *const lists[] = {more, own};
	size_t room = 3 + count_lines(channel->dialect->headers); /* Accept, the key, the end */
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
	for (const char *const *line = channel->dialect->headers; line && *line && err == ERR_OK; line++)
		err = fill_header(*line, &(struct fill){0}, arena, &headers[n++]);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t j = 0; j < count_lines(lists[i]); j++)
			headers[n++] = lists[i][j];
	request->headers = headers;
	return err == ERR_OK ? compose_signature(channel, arena, request) : err;
}

/* ---- the submission ---- */

/* Sets the headers of a submission. */
static enum err_code
submit_headers(const struct channel *channel, const struct task *task, const struct dialect_form *form,
               const struct fill *fill, struct arena *arena, struct http_request *request)
{
	const char *more[3] = {0},
	           **own = arena_alloc(arena, (count_lines(form->headers) + 1) * sizeof(*own));
	size_t n = 0;
	if (own == NULL)
		return ERR_NO_MEMORY;
	if (request->body)
		more[n++] = "Content-Type: application/json";
	if (channel->idempotency_header) {
		more[n] = arena_printf(arena, "%s: %s-%lld", channel->idempotency_header, task->video_id,
		                       (long long)task->attempt);
		if (!more[n])
			return ERR_NO_MEMORY;
	}
	for (size_t i = 0; i < count_lines(form->headers); i++) {
		enum err_code err = fill_header(form->headers[i], fill, arena, &own[i]);
		if (err != ERR_OK)
			return err;
	}
	return compose_headers(channel, more, own, arena, request);
}

enum err_code
compose_submit(const struct channel *channel, const struct task *task, const struct submit_inputs *inputs,
               struct arena *arena, struct http_request *ret_request)
{
	const struct json *options;
	const struct dialect_form *form = body_form(channel->dialect, task, arena, &options);
	struct http_request request = {.method = "POST", .once = true, .cut = true};
	struct task theirs = *task;
	struct wish wish;

	theirs.model = channel_their_model(channel, task->model);
	const struct fill fill = {.id = task->source_external_id, .model = theirs.model};
	if (!form->call.path || wish_unsaid(channel, task, NULL, arena, &wish))
		return ERR_UNSUPPORTED_FIELD;
	enum err_code err = body_compose(form, &theirs, inputs, arena, &request);
	if (err == ERR_OK)
		err = submit_headers(channel, task, form, &fill, arena, &request);
	if (err == ERR_OK)
		err =
		    fill_url(channel->base, dialect_path(&form->call, &form->paths, body_inputs(task, arena)),
		             &fill, arena, &request.url);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_upload(const struct channel *channel, const struct task *task, const struct submit_inputs *inputs,
               struct arena *arena, struct http_request *ret_request, size_t *ret_at)
{
	const struct json *options;
	const struct dialect_upload *upload = &channel->dialect->upload;
	const struct dialect_form *form = body_form(channel->dialect, task, arena, &options);
	struct http_request request = {.method = "POST"};
	size_t at = 0;
	while (at < inputs->image_count &&
	       (inputs->images[at].id != NULL ||
	        body_image_type(form, task, inputs->images[at].role, arena) != TYPE_UPLOAD))
		at++;
	if (at == inputs->image_count)
		return ERR_NOT_FOUND;
	enum err_code err = body_upload(upload, &inputs->images[at], arena, &request);
	if (err == ERR_OK)
		err = compose_headers(channel, upload->headers, NULL, arena, &request);
	if (err == ERR_OK)
		err = fill_url(channel->base, upload->call.path, &(struct fill){0}, arena, &request.url);
	if (err != ERR_OK)
		return err;
	*ret_request = request;
	*ret_at = at;
	return ERR_OK;
}
