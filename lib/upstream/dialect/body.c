/* Bodies of submissions. A body is a flat list of members, each with its name and its value; in JSON a name
 * may be a pointer, and members that begin alike stand in the same object or array. */
#include "upstream/dialect/body.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/task.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/format.h"

/* A member of a body. */
struct member {
	const char *name; /* a pointer's rest while it is written; NULL = written */
	const char *text; /* in a form */
	const char *json; /* in JSON; NULL = `text` as a string */
	bool gap;         /* the image goes before the last character of `json` */
};

struct body {
	struct arena *arena;
	const struct dialect_form *form;
	const struct task *task;
	const struct json *options;
	const char *image; /* path */
	struct member *members;
	size_t count;
	size_t gap; /* where the image goes in the JSON; 0 = nowhere */
	enum err_code err;
};

/* ---- what the task has ---- */

/* The image as text: what stands around it in JSON. It is read when it is sent. */
static struct member
image_text(struct body *body, const struct dialect_field *field)
{
	const char *head = "";
	if (field->type == TYPE_DATA_URL)
		head = arena_printf(body->arena, "data:%s;base64,", format_image_type(body->task));
	return (struct member){.name = field->name,
	                       .text = body->image,
	                       .json = arena_printf(body->arena, "\"%s\"", head ? head : ""),
	                       .gap = true};
}

static const char *
flag(const struct body *body, const char *name)
{
	bool on;
	if (!json_bool(json_get(body->options, name), &on))
		return NULL;
	return on ? "true" : "false";
}

/* The value of a field as a member; without text where the task has none. */
static struct member
value_of(struct body *body, enum field which)
{
	const struct dialect_field *field = &body->form->fields[which];
	const struct task *task = body->task;
	struct member member = {.name = field->name};
	switch (which) {
	case FIELD_PROMPT:
		member.text = task->prompt;
		break;
	case FIELD_MODEL:
		member.text = task->model;
		break;
	case FIELD_SIZE:
		member.text = format_size(body->arena, task, field->type);
		break;
	case FIELD_RESOLUTION:
		member.text = format_resolution(body->arena, task, field->type);
		break;
	case FIELD_SECONDS:
		if (task->seconds > 0)
			member.text = arena_printf(body->arena, "%lld", (long long)task->seconds);
		member.json = field->type == TYPE_INTEGER ? member.text : NULL;
		break;
	case FIELD_ASPECT_RATIO:
		member.text = format_aspect_ratio(body->arena, task, field->type);
		break;
	case FIELD_WATERMARK:
		member.json = member.text = flag(body, "watermark");
		break;
	case FIELD_HD:
		member.json = member.text = flag(body, "hd");
		break;
	case FIELD_PRIVATE:
		member.json = member.text = flag(body, "private");
		break;
	case FIELD_SOURCE:
		member.text = task->source_external_id;
		break;
	case FIELD_INPUT_REFERENCE:
		if (body->image && field->type != TYPE_PLAIN)
			return image_text(body, field);
		member.text = body->image;
		break;
	case FIELD__MAX:
		break;
	}
	return member;
}

static void
add_constants(struct body *body, const struct dialect_constant *list)
{
	for (; list && list->name; list++)
		body->members[body->count++] =
		    (struct member){.name = list->name, .text = list->text, .json = list->json};
}

static size_t
constants_count(const struct dialect_constant *list)
{
	size_t n = 0;
	while (list && list[n].name)
		n++;
	return n;
}

static bool
goes(const struct body *body, const struct dialect_field *field)
{
	return field->name &&
	       (field->when == WHEN_ALWAYS || (field->when == WHEN_IMAGE) == (body->image != NULL));
}

/* All members, in the order in which they are sent. `image_part` is the one that is a file, or NULL. */
static void
gather(struct body *body, const struct member **ret_image)
{
	const struct dialect_form *form = body->form;
	size_t most = FIELD__MAX + constants_count(form->constants);
	for (int i = 0; i < FIELD__MAX; i++)
		most += constants_count(form->fields[i].with);
	*ret_image = NULL;
	body->members = arena_alloc(body->arena, most * sizeof(*body->members));
	for (int i = 0; i < FIELD__MAX && body->members; i++) {
		const struct dialect_field *field = &form->fields[i];
		struct member member = {0};
		if (goes(body, field))
			member = value_of(body, (enum field)i);
		if (!member.text)
			continue;
		add_constants(body, field->with);
		body->members[body->count] = member;
		if (i == FIELD_INPUT_REFERENCE && field->type == TYPE_PLAIN)
			*ret_image = &body->members[body->count];
		body->count++;
	}
	if (body->members)
		add_constants(body, form->constants);
	if (body->err == ERR_OK && arena_failed(body->arena))
		body->err = ERR_NO_MEMORY;
}

/* ---- forms ---- */

static void
multipart(struct body *body, const struct member *image, struct http_request *request)
{
	struct http_part *parts = arena_alloc(body->arena, (body->count + 1) * sizeof(*parts));
	size_t n = 0;
	for (size_t i = 0; i < body->count && parts; i++) {
		const struct member *member = &body->members[i];
		if (member == image)
			parts[n++] = (struct http_part){.name = member->name,
			                                .file = member->text,
			                                .file_name = format_image_name(body->task),
			                                .type = format_image_type(body->task)};
		else if (member->text)
			parts[n++] = (struct http_part){.name = member->name, .value = member->text};
	}
	if (parts == NULL)
		body->err = ERR_NO_MEMORY;
	request->parts = parts;
	request->part_count = n;
}

/* ---- JSON ---- */

/* The length of a name's first step, and where it begins. */
static size_t
first_step(const char **name)
{
	if ((*name)[0] != '/')
		return strlen(*name); /* a plain name is one step, whatever is in it */
	return strcspn(++*name, "/");
}

/* A step as the name of a member: ~1 is a slash, ~0 a tilde. */
static const char *
unescaped(struct arena *arena, const char *step, size_t len, bool plain)
{
	char *name = arena_strndup(arena, step, len), *to = name;
	for (const char *p = name; p && !plain && *p; p++) {
		*to++ = *p == '~' ? (p[1] == '1' ? '/' : '~') : *p;
		p += *p == '~';
	}
	if (name && !plain)
		*to = '\0';
	return name;
}

/* Takes those that begin with the same step as the first out of `members`, their names shortened by it. */
static size_t
take_group(struct member *members, size_t count, const char *step, size_t len, struct member *group)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		const char *other = members[i].name;
		if (other == NULL || other[0] != '/' || strncmp(other + 1, step, len) != 0 ||
		    other[1 + len] != '/')
			continue;
		group[n] = members[i];
		group[n++].name = other + 1 + len;
		members[i].name = NULL;
	}
	return n;
}

/* Writes members into the object or array that is open; each step of their names is a level. */
static void
put_members(struct body *body, struct jsonw *w, struct member *members, size_t count, bool in_array)
{
	for (size_t i = 0; i < count; i++) {
		const char *step = members[i].name;
		if (step == NULL)
			continue;
		bool plain = step[0] != '/';
		size_t len = first_step(&step);
		const char *name = in_array ? NULL : unescaped(body->arena, step, len, plain);
		if (step[len] == '\0') {
			if (members[i].json)
				jsonw_raw(w, name, members[i].json);
			else
				jsonw_string(w, name, members[i].text);
			if (members[i].gap)
				body->gap = w->out->len - 1;
			continue;
		}
		struct member *group = arena_alloc(body->arena, (count - i) * sizeof(*group));
		size_t n = group ? take_group(members + i, count - i, step, len, group) : 0;
		bool array = n > 0 && isdigit((unsigned char)group[0].name[1]);
		array ? jsonw_array(w, name) : jsonw_object(w, name);
		put_members(body, w, group, n, array);
		array ? jsonw_array_end(w) : jsonw_object_end(w);
	}
}

static void
free_buf(void *cookie)
{
	buf_free(cookie);
}

static void
json(struct body *body, struct http_request *request)
{
	struct buf *buf = arena_alloc(body->arena, sizeof(*buf));
	struct jsonw w;

	body->err = ERR_NO_MEMORY;
	if (buf == NULL)
		return;
	buf_init(buf, LIMIT_JSON_BODY);
	if (!arena_defer(body->arena, free_buf, buf))
		return;
	jsonw_init(&w, buf);
	jsonw_object(&w, NULL);
	put_members(body, &w, body->members, body->count, false);
	jsonw_object_end(&w);
	if (buf->failed || arena_failed(body->arena))
		return;
	request->body = buf->data;
	request->body_len = buf->len;
	request->body_file = body->gap > 0 ? body->image : NULL;
	request->body_gap = body->gap;
	body->err = ERR_OK;
}

enum err_code
body_compose(const struct dialect_form *form, const struct task *task, const char *input_path,
             struct arena *arena, struct http_request *request)
{
	struct body body = {.arena = arena, .form = form, .task = task, .image = input_path};
	const struct member *image;
	enum err_code err = json_parse(arena, task->options, strlen(task->options), &body.options);
	if (err != ERR_OK)
		return err == ERR_NO_MEMORY ? err : ERR_INTERNAL;
	gather(&body, &image);
	if (body.err != ERR_OK)
		return body.err;
	if ((input_path ? form->body_with_image : form->body) == BODY_JSON)
		json(&body, request);
	else
		multipart(&body, image, request);
	return body.err;
}
