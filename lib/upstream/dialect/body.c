/* The body of a submission, from a task and a profile's form. It is a flat list of members, each with a name
 * and a value. In JSON a name may be a pointer: "/input/prompt" is the member prompt of the object input. */
#include "upstream/dialect/body.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/task.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/format.h"
#include "upstream/dialect/profile.h"

/* A member of a body. */
struct member {
	const char *name; /* of a part or a member; in JSON it may be a pointer */
	const char *text; /* the value in a form */
	const char *json; /* the value in JSON; NULL = `text` as a string */
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

/* Returns the image as a string of JSON, still empty: the file is read while it is sent. */
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

/* Returns an option as "true" or "false", or NULL where the task has none of that name. */
static const char *
option_flag(const struct body *body, const char *name)
{
	bool on;
	if (!json_bool(json_get(body->options, name), &on))
		return NULL;
	return on ? "true" : "false";
}

/* Returns a field as a member, without text where the task has no value for it. */
static struct member
value_of(struct body *body, enum job_field which)
{
	const struct dialect_field *field = &body->form->fields[which];
	const struct task *task = body->task;
	struct member member = {.name = field->name};
	switch (which) {
	case JOB_PROMPT:
		member.text = task->prompt;
		break;
	case JOB_MODEL:
		member.text = task->model;
		break;
	case JOB_SIZE:
		member.text = format_size(body->arena, task, field->type);
		break;
	case JOB_RESOLUTION:
		member.text = format_resolution(body->arena, task, field->type);
		break;
	case JOB_SECONDS:
		if (task->seconds > 0)
			member.text = arena_printf(body->arena, "%lld", (long long)task->seconds);
		member.json = field->type == TYPE_INTEGER ? member.text : NULL;
		break;
	case JOB_ASPECT_RATIO:
		member.text = format_aspect_ratio(body->arena, task, field->type);
		break;
	case JOB_WATERMARK:
		member.json = member.text = option_flag(body, "watermark");
		break;
	case JOB_HD:
		member.json = member.text = option_flag(body, "hd");
		break;
	case JOB_PRIVATE:
		member.json = member.text = option_flag(body, "private");
		break;
	case JOB_SOURCE:
		member.text = task->source_external_id;
		break;
	case JOB_INPUT_REFERENCE:
		if (body->image && field->type != TYPE_PLAIN)
			return image_text(body, field);
		member.text = body->image;
		break;
	case JOB_FIELD__MAX:
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

const struct dialect_form *
body_form(const struct dialect *dialect, const struct task *task, struct arena *arena,
          const struct json **ret_options)
{
	enum job_kind job = task->source_external_id != NULL ? DIALECT_REMIX : DIALECT_CREATE;
	*ret_options = NULL;
	if (task->options == NULL ||
	    json_parse(arena, task->options, strlen(task->options), ret_options) != ERR_OK)
		*ret_options = NULL;
	const char *word = job == DIALECT_REMIX ? json_string(json_get(*ret_options, "job")) : NULL;
	for (int i = DIALECT_REMIX; i < DIALECT_JOB__MAX && word != NULL; i++)
		if (strcmp(word, job_kind_word((enum job_kind)i)) == 0)
			job = (enum job_kind)i;
	return &dialect->forms[job];
}

bool
body_has_field(const struct dialect_field *field, bool with_image)
{
	return field->name != NULL &&
	       (field->when == WHEN_ALWAYS || (field->when == WHEN_IMAGE) == with_image);
}

/* Collects the members in the order in which they are sent. *ret_image is the one that is a file, or NULL. */
static void
gather_members(struct body *body, const struct member **ret_image)
{
	const struct dialect_form *form = body->form;
	size_t most = JOB_FIELD__MAX + constants_count(form->constants);
	for (int i = 0; i < JOB_FIELD__MAX; i++)
		most += constants_count(form->fields[i].with);
	*ret_image = NULL;
	body->members = arena_alloc(body->arena, most * sizeof(*body->members));
	for (int i = 0; i < JOB_FIELD__MAX && body->members; i++) {
		const struct dialect_field *field = &form->fields[i];
		struct member member = {0};
		if (body_has_field(field, body->image != NULL))
			member = value_of(body, (enum job_field)i);
		if (!member.text)
			continue;
		add_constants(body, field->with);
		body->members[body->count] = member;
		if (i == JOB_INPUT_REFERENCE && field->type == TYPE_PLAIN)
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
compose_multipart(struct body *body, const struct member *image, struct http_request *request)
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

/* Counts the levels that two names share: "/a/b/x" and "/a/b/y" both lie in /a and in /a/b. */
static size_t
shared_levels(const char *a, const char *b)
{
	size_t levels = 0;
	if (a[0] != '/' || b[0] != '/')
		return 0;
	for (size_t i = 1; a[i] == b[i] && a[i] != '\0'; i++)
		levels += a[i] == '/';
	return levels;
}

/* Puts the member behind the last one that shares the most levels with it. So members of the same object or
 * array always stand in a row, and otherwise in the order in which they came. */
static void
insert_member(struct member *sorted, size_t count, const struct member *member)
{
	size_t at = count, most = 0;
	for (size_t i = 0; i < count; i++) {
		size_t levels = shared_levels(sorted[i].name, member->name);
		if (levels > 0 && levels >= most) {
			most = levels;
			at = i + 1;
		}
	}
	memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof(*sorted));
	sorted[at] = *member;
}

/* A JSON text under construction. Level 0 is the root, which is an object. */
struct writer {
	struct jsonw w;
	struct arena *arena;
	size_t level;
	bool is_array[DIALECT_DEPTH_MAX + 1];
};

static void
close_levels(struct writer *writer, size_t level)
{
	for (; writer->level > level; writer->level--)
		(writer->is_array[writer->level] ? jsonw_array_end : jsonw_object_end)(&writer->w);
}

/* Returns the step of a name, `len` bytes, as a member's name: in a pointer ~1 is a slash, ~0 a tilde. NULL
 * for an element of an array. */
static const char *
step_name(const struct writer *writer, const char *step, size_t len, bool pointer)
{
	if (writer->is_array[writer->level])
		return NULL;
	char *name = arena_strndup(writer->arena, step, len), *to = name;
	for (const char *p = name; p != NULL && pointer && *p; p++) {
		*to++ = *p == '~' ? (p[1] == '1' ? '/' : '~') : *p;
		p += *p == '~';
	}
	if (name != NULL && pointer)
		*to = '\0';
	return name;
}

/* Opens the levels of `pointer` that are not open yet. Returns its last step. */
static const char *
open_levels(struct writer *writer, const char *pointer)
{
	const char *step = pointer + 1;
	for (size_t level = 0;; level++) {
		size_t len = strcspn(step, "/");
		if (step[len] == '\0')
			return step;
		if (level == writer->level) {
			bool array = isdigit((unsigned char)step[len + 1]) != 0;
			(array ? jsonw_array : jsonw_object)(&writer->w, step_name(writer, step, len, true));
			writer->is_array[++writer->level] = array;
		}
		step += len + 1;
	}
}

/* Writes the members, which insert_member() has sorted, in one pass: between two of them it closes the levels
 * that they do not share, and opens those of the next. */
static void
write_members(struct body *body, const struct member *sorted, struct buf *out)
{
	struct writer writer = {.arena = body->arena};
	jsonw_init(&writer.w, out);
	jsonw_object(&writer.w, NULL);
	for (size_t i = 0; i < body->count; i++) {
		const struct member *member = &sorted[i];
		bool pointer = member->name[0] == '/';
		close_levels(&writer, i > 0 ? shared_levels(sorted[i - 1].name, member->name) : 0);
		const char *step = pointer ? open_levels(&writer, member->name) : member->name;
		const char *name = step_name(&writer, step, strlen(step), pointer);
		if (member->json != NULL)
			jsonw_raw(&writer.w, name, member->json);
		else
			jsonw_string(&writer.w, name, member->text);
		if (member->gap)
			body->gap = out->len - 1;
	}
	close_levels(&writer, 0);
	jsonw_object_end(&writer.w);
}

static void
compose_json(struct body *body, struct http_request *request)
{
	struct buf *out = buf_in_arena(body->arena, LIMIT_JSON_BODY);
	struct member *sorted = arena_alloc(body->arena, body->count * sizeof(*sorted));

	body->err = ERR_NO_MEMORY;
	if (out == NULL || sorted == NULL)
		return;
	for (size_t i = 0; i < body->count; i++)
		insert_member(sorted, i, &body->members[i]);
	write_members(body, sorted, out);
	if (out->failed || arena_failed(body->arena))
		return;
	request->body = out->data;
	request->body_len = out->len;
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
	gather_members(&body, &image);
	if (body.err != ERR_OK)
		return body.err;
	if ((input_path ? form->body_with_image : form->body) == BODY_JSON)
		compose_json(&body, request);
	else
		compose_multipart(&body, image, request);
	return body.err;
}
