/* Requests in the words of a dialect. A field that the dialect does not name is not sent; only a reference
 * image may not be left out silently, as the video would not be what was asked for. */
#include "upstream/compose.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect_parts.h"
#include "upstream/origin.h"

/* Room for every header that a request can have, and the NULL. */
enum { HEADERS_SIZE = 5 };

struct value {
	const char *text; /* NULL = not given; of the reference image, its path */
	bool quoted;      /* a string in JSON; else it is a number or a boolean already */
};

/* The header that carries the key. *ret_line is NULL for a channel without a key. */
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
		if (!line)
			return ERR_NO_MEMORY;
	}
	*ret_line = line;
	return ERR_OK;
}

/* Headers for a call of the channel's API; `more` is NULL-terminated. */
static enum err_code
api_headers(const struct channel *channel, const char *const *more, struct arena *arena,
            const char *const **ret_headers)
{
	const char **headers = arena_alloc(arena, HEADERS_SIZE * sizeof(*headers));
	const char *key = NULL;
	size_t n = 0;
	enum err_code err = headers ? key_header(channel, arena, &key) : ERR_NO_MEMORY;

	if (err != ERR_OK)
		return err;
	headers[n++] = "Accept: application/json";
	if (key)
		headers[n++] = key;
	while (*more)
		headers[n++] = *more++;
	*ret_headers = headers;
	return ERR_OK;
}

/* `base` and `path`, with the id percent-encoded (RFC 3986, section 2.3) in place of {id}. */
static const char *
id_url(const char *base, const char *path, const char *id, struct arena *arena)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	const char *mark = strstr(path, "{id}");
	char *encoded = arena_alloc(arena, 3 * strlen(id) + 1);
	char *to = encoded;

	if (!encoded)
		return NULL;
	for (const char *p = id; *p; p++) {
		if (strchr(unreserved, *p)) {
			*to++ = *p;
			continue;
		}
		snprintf(to, 4, "%%%02X", (unsigned char)*p);
		to += 3;
	}
	return arena_printf(arena, "%s%.*s%s%s", base, (int)(mark - path), path, encoded,
	                    mark + strlen("{id}"));
}

/* --- the submission ---------------------------------------------------------------------------- */

static void
flag(const struct json *options, const char *name, struct value *ret_value)
{
	bool on;
	if (json_bool(json_get(options, name), &on))
		*ret_value = (struct value){on ? "true" : "false", false};
}

/* What the task has for each field; a member that is absent stays without text. */
static enum err_code
gather(const struct task *task, const struct dialect_form *form, struct arena *arena,
       struct value values[FIELD__MAX])
{
	const struct json *options;
	enum err_code err = json_parse(arena, task->options, strlen(task->options), &options);

	if (err != ERR_OK)
		return err == ERR_NO_MEMORY ? err : ERR_INTERNAL;
	values[FIELD_PROMPT] = (struct value){task->prompt, true};
	values[FIELD_MODEL] = (struct value){task->model, true};
	values[FIELD_SIZE] = (struct value){task->size, true};
	values[FIELD_ASPECT_RATIO] = (struct value){task->aspect_ratio, true};
	if (task->seconds > 0) {
		const char *text = arena_printf(arena, "%lld", (long long)task->seconds);
		if (!text)
			return ERR_NO_MEMORY;
		values[FIELD_SECONDS] = (struct value){text, !form->fields[FIELD_SECONDS].integer};
	}
	flag(options, "watermark", &values[FIELD_WATERMARK]);
	flag(options, "hd", &values[FIELD_HD]);
	flag(options, "private", &values[FIELD_PRIVATE]);
	return ERR_OK;
}

/* What the image is called on the way: upstreams look at the ending. */
static const char *
image_name(const char *type)
{
	if (strcmp(type, "image/jpeg") == 0)
		return "input.jpg";
	return strcmp(type, "image/webp") == 0 ? "input.webp" : "input.png";
}

static enum err_code
multipart_body(const struct dialect_form *form, const struct value values[FIELD__MAX], const char *image_type,
               struct arena *arena, struct http_request *request)
{
	struct http_part *parts = arena_alloc(arena, FIELD__MAX * sizeof(*parts));
	size_t n = 0;

	if (!parts)
		return ERR_NO_MEMORY;
	for (int i = 0; i < FIELD__MAX; i++) {
		struct http_part part = {.name = form->fields[i].name, .value = values[i].text};
		if (!part.name || !part.value)
			continue;
		if (i == FIELD_INPUT_REFERENCE)
			part = (struct http_part){.name = part.name,
			                          .file = part.value,
			                          .file_name = image_name(image_type),
			                          .type = image_type};
		parts[n++] = part;
	}
	request->parts = parts;
	request->part_count = n;
	return ERR_OK;
}

static void
free_buf(void *cookie)
{
	buf_free(cookie);
}

static enum err_code
json_body(const struct dialect_form *form, const struct value values[FIELD__MAX], struct arena *arena,
          struct http_request *request)
{
	struct buf *buf = arena_alloc(arena, sizeof(*buf));
	struct jsonw w;

	if (!buf)
		return ERR_NO_MEMORY;
	buf_init(buf, LIMIT_JSON_BODY);
	if (!arena_defer(arena, free_buf, buf))
		return ERR_NO_MEMORY;
	jsonw_init(&w, buf);
	jsonw_object(&w, NULL);
	for (int i = 0; i < FIELD__MAX; i++) {
		const char *name = form->fields[i].name;
		if (!name || !values[i].text)
			continue;
		if (values[i].quoted)
			jsonw_string(&w, name, values[i].text);
		else
			jsonw_raw(&w, name, values[i].text);
	}
	jsonw_object_end(&w);
	if (buf->failed)
		return ERR_NO_MEMORY;
	request->body = buf->data;
	request->body_len = buf->len;
	return ERR_OK;
}

/* The headers that only a submission has. */
static enum err_code
submit_headers(const struct channel *channel, const struct task *task, bool json, struct arena *arena,
               const char *const **ret_headers)
{
	const char *more[3] = {0};
	size_t n = 0;
	if (json)
		more[n++] = "Content-Type: application/json";
	if (channel->idempotency_header) {
		more[n] = arena_printf(arena, "%s: %s-%lld", channel->idempotency_header, task->video_id,
		                       (long long)task->attempt);
		if (!more[n])
			return ERR_NO_MEMORY;
	}
	return api_headers(channel, more, arena, ret_headers);
}

enum err_code
compose_submit(const struct channel *channel, const struct task *task, const char *input_path,
               struct arena *arena, struct http_request *ret_request)
{
	bool remix = task->source_external_id != NULL;
	const struct dialect_form *form = remix ? &channel->dialect->remix : &channel->dialect->submit;
	bool json = (input_path ? form->body_with_image : form->body) == BODY_JSON;
	struct http_request request = {.method = "POST", .once = true};
	struct value values[FIELD__MAX] = {{0}};
	const char *image_type = task->input_type ? task->input_type : "image/png";
	enum err_code err;

	if (!form->call.path || (input_path && !form->fields[FIELD_INPUT_REFERENCE].name))
		return ERR_BAD_FIELD;
	values[FIELD_INPUT_REFERENCE].text = input_path;
	err = gather(task, form, arena, values);
	if (err == ERR_OK)
		err = submit_headers(channel, task, json, arena, &request.headers);
	if (err == ERR_OK)
		err = json ? json_body(form, values, arena, &request)
		           : multipart_body(form, values, image_type, arena, &request);
	if (err != ERR_OK)
		return err;
	request.url = remix ? id_url(channel->base, form->call.path, task->source_external_id, arena)
	                    : arena_printf(arena, "%s%s", channel->base, form->call.path);
	if (!request.url)
		return ERR_NO_MEMORY;
	*ret_request = request;
	return ERR_OK;
}

/* --- the questions ----------------------------------------------------------------------------- */

static const char *const none[] = {NULL};

/* A call without a body about one job. */
static enum err_code
about_job(const struct channel *channel, const struct task *task, const char *path, struct arena *arena,
          struct http_request *request)
{
	if (!task->external_id || !task->external_id[0])
		return ERR_INTERNAL;
	request->url = id_url(channel->base, path, task->external_id, arena);
	if (!request->url)
		return ERR_NO_MEMORY;
	return api_headers(channel, none, arena, &request->headers);
}

enum err_code
compose_poll(const struct channel *channel, const struct task *task, struct arena *arena,
             struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	enum err_code err = about_job(channel, task, channel->dialect->poll.path, arena, &request);
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
	enum err_code err = about_job(channel, task, channel->dialect->cancel.path, arena, &request);
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
	request.url = arena_printf(arena, "%s%s", channel->base, call->path);
	if (!request.url)
		return ERR_NO_MEMORY;
	enum err_code err = api_headers(channel, none, arena, &request.headers);
	if (err == ERR_OK)
		*ret_request = request;
	return err;
}

enum err_code
compose_content(const struct channel *channel, const struct task *task, struct arena *arena,
                struct http_request *ret_request)
{
	struct http_request request = {.method = "GET"};
	const char **headers = arena_alloc(arena, HEADERS_SIZE * sizeof(*headers));
	enum err_code err = ERR_OK;

	if (task->video_url)
		request.url = arena_strdup(arena, task->video_url);
	else if (channel->dialect->content.path && task->external_id && task->external_id[0])
		request.url = id_url(channel->base, channel->dialect->content.path, task->external_id, arena);
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
