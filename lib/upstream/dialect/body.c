/* The body of a submission, from a task and a profile's form. It is a flat list of members, each with a name
 * and a value; body_json.c makes JSON of it. */
#include "upstream/dialect/body.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/image.h"
#include "model/task.h"
#include "upstream/dialect/body_json.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/format.h"
#include "upstream/dialect/inputs.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/value.h"

struct body {
	struct arena *arena;
	const struct dialect_form *form;
	const struct task *task;
	const struct json *options;
	const struct submit_inputs *inputs;
	unsigned have; /* bits of the inputs */
	struct body_member *members;
	size_t count, room;
	enum err_code err;
};

/* ---- which form ---- */

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

static unsigned
role_bits(enum image_role role)
{
	static const unsigned bits[IMAGE_ROLE__MAX] = {INPUT_FIRST, INPUT_LAST, INPUT_REFERENCES};
	return bits[role] | INPUT_IMAGE;
}

unsigned
body_inputs(const struct task *task, struct arena *arena)
{
	unsigned have = 0;
	size_t count = 0;
	const struct task_image *images = task_images(arena, task, &count);
	for (size_t i = 0; images != NULL && i < count; i++)
		have |= role_bits(images[i].role);
	return have;
}

enum field_type
body_image_type(const struct dialect_form *form, const struct task *task, enum image_role role,
                struct arena *arena)
{
	static const enum job_field fields[IMAGE_ROLE__MAX] = {JOB_INPUT_REFERENCE, JOB_LAST_FRAME,
	                                                       JOB_REFERENCES};
	const struct dialect_field *field =
	    dialect_field_for(&form->fields[fields[role]], body_inputs(task, arena));
	return field != NULL ? field->type : TYPE_PLAIN;
}

/* ---- members ---- */

static void
add_member(struct body *body, struct body_member member)
{
	if (body->count == body->room) {
		size_t room = body->room * 2 + 16;
		struct body_member *members = arena_alloc(body->arena, room * sizeof(*members));
		if (members == NULL) {
			body->err = ERR_NO_MEMORY;
			return;
		}
		if (body->count > 0)
			memcpy(members, body->members, body->count * sizeof(*members));
		body->members = members;
		body->room = room;
	}
	body->members[body->count++] = member;
}

/* Returns the name with the image's number in place of the step "-": a step that begins with a digit, and
 * that no other member has. */
static const char *
numbered(struct body *body, const char *name, size_t number)
{
	const char *mark = strstr(name, "/-");
	while (mark != NULL && mark[2] != '/' && mark[2] != '\0')
		mark = strstr(mark + 1, "/-");
	if (name[0] != '/' || mark == NULL)
		return name;
	return arena_printf(body->arena, "%.*s/%zu-0%s", (int)(mark - name), name, number, mark + 2);
}

/* Returns the text with what is known of an image, the one of that number, in place of its placeholder. */
static const char *
about_image(struct body *body, const char *text, const struct submit_image *image, size_t number)
{
	if (text == NULL || image == NULL)
		return text;
	const struct {
		const char *mark, *value;
	} rows[] = {{"{image_type}", image->type},
	            {"{image_format}", strchr(image->type, '/') + 1},
	            {"{image_number}", arena_printf(body->arena, "%zu", number + 1)}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *mark = strstr(text, rows[i].mark);
		if (mark != NULL)
			return arena_printf(body->arena, "%.*s%s%s", (int)(mark - text), text,
			                    rows[i].value ? rows[i].value : "", mark + strlen(rows[i].mark));
	}
	return text;
}

static bool
is_json(const struct body *body)
{
	return (body->have & INPUT_IMAGE ? body->form->body_with_image : body->form->body) == BODY_JSON;
}

/* True where the body has a member of that name. */
static bool
is_there(const struct body *body, const char *name)
{
	for (size_t i = 0; i < body->count; i++)
		if (strcmp(body->members[i].name, name) == 0)
			return true;
	return false;
}

/* Adds the constants of a field; of those that go with each of several images, an object has one of a name.
 */
static void
add_constants(struct body *body, const struct dialect_constant *list, const struct submit_image *image,
              size_t number)
{
	for (; list && list->name; list++) {
		const char *name = numbered(body, list->name, number);
		if (name == NULL || (image != NULL && is_json(body) && is_there(body, name)))
			continue; /* the arena knows of the former */
		add_member(body, (struct body_member){.name = name,
		                                      .text = about_image(body, list->text, image, number),
		                                      .json = about_image(body, list->json, image, number)});
	}
}

/* Makes the member of an image: where its bytes go into JSON its text is empty still, as the file is read
 * while it is sent. */
static void
add_image(struct body *body, const struct dialect_field *field, const struct submit_image *image,
          size_t number)
{
	struct body_member member = {.name = numbered(body, field->name, number)};
	const char *head = "";
	if (field->type == TYPE_URL) {
		member.text = image->link;
	} else if (field->type == TYPE_UPLOAD) {
		member.text = image->id;
		member.json = image->id_is_number ? image->id : NULL;
	} else {
		if (field->type == TYPE_DATA_URL)
			head = arena_printf(body->arena, "data:%s;base64,", image->type);
		if (field->type != TYPE_PLAIN)
			member.json = arena_printf(body->arena, "\"%s\"", head ? head : "");
		member.text = image->path;
		member.file = image;
	}
	if (member.text == NULL)
		body->err = ERR_UNSUPPORTED_FIELD;
	add_constants(body, field->with, image, number);
	add_member(body, member);
}

static void
add_images(struct body *body, const struct dialect_field *field, enum image_role role)
{
	for (size_t i = 0; body->inputs != NULL && i < body->inputs->image_count; i++)
		if (body->inputs->images[i].role == role)
			add_image(body, field, &body->inputs->images[i], i);
}

/* ---- what a client adds ---- */

/* Returns the name in the body of a member of the client's object. NULL when memory is short. */
static const char *
extra_name(const struct dialect_field *field, const char *name, struct arena *arena)
{
	const char *base = strcmp(field->name, "/") == 0 ? "" : field->name;
	char *escaped = arena_alloc(arena, 2 * strlen(name) + 1), *to = escaped;
	if (escaped == NULL)
		return NULL;
	for (const char *p = name; *p; p++) {
		if (*p == '~' || *p == '/')
			*to++ = '~';
		*to++ = *p == '~' ? '0' : *p;
		if (*p == '/')
			to[-1] = '1';
	}
	return arena_printf(arena, "%s%s/%s", base[0] && base[0] != '/' ? "/" : "", base, escaped);
}

static void
add_extra(struct body *body, const struct dialect_field *field)
{
	bool json = is_json(body);
	for (const struct json *v = json_first(json_get(body->options, "extra")); v; v = json_next(v)) {
		struct body_member member = {.text = json_string(v), .json = json_text(body->arena, v)};
		member.name = json ? extra_name(field, json_name(v), body->arena) : json_name(v);
		if (member.text == NULL)
			member.text = member.json;
		if (member.name == NULL || member.text == NULL)
			body->err = ERR_NO_MEMORY;
		else
			add_member(body, member);
	}
}

static bool
constants_fit(const struct dialect_constant *list, const char *name)
{
	for (; list && list->name; list++)
		if (!dialect_names_fit(list->name, name))
			return false;
	return true;
}

/* True where the form has no member, of whatever task, that stands where this one would. */
static bool
extra_fits(const struct dialect_form *form, const char *name)
{
	for (int i = 0; i < JOB_EXTRA; i++)
		for (const struct dialect_field *f = &form->fields[i]; f && f->name; f = f->next)
			if (!dialect_names_fit(f->name, name) || !constants_fit(f->with, name))
				return false;
	for (const struct dialect_constants *c = form->constants; c && c->list; c++)
		if (!constants_fit(c->list, name))
			return false;
	return true;
}

const char *
body_extra_clash(const struct dialect_form *form, const struct dialect_field *field, const struct json *extra,
                 struct arena *arena)
{
	for (const struct json *v = json_first(extra); v; v = json_next(v)) {
		const char *name = json_name(v);
		const char *full = extra_name(field, name, arena);
		/* In a form "name[]" is another way to write a name. */
		if (name[0] == '\0' || name[0] == '-' || strchr(name, '[') != NULL ||
		    isdigit((unsigned char)name[0]) || full == NULL || !extra_fits(form, full))
			return name;
	}
	return NULL;
}

/* ---- all of them ---- */

/* True for a whole number as JSON writes it: an upstream's id may be any text. */
static bool
is_whole(const char *text)
{
	size_t len = strlen(text);
	return len > 0 && strspn(text, "0123456789") == len && (text[0] != '0' || len == 1);
}

static void
add_field(struct body *body, enum job_field which, const struct dialect_field *field)
{
	struct value value = {0};
	if (which == JOB_INPUT_REFERENCE) {
		add_images(body, field, IMAGE_FIRST);
		return;
	}
	if (which == JOB_LAST_FRAME || which == JOB_REFERENCES) {
		add_images(body, field, which == JOB_LAST_FRAME ? IMAGE_LAST : IMAGE_REFERENCE);
		return;
	}
	if (which == JOB_EXTRA) {
		add_extra(body, field);
		return;
	}
	if (which == JOB_SOURCE) {
		value.text = body->task->source_external_id;
		if (field->type == TYPE_URL)
			value.text = json_string(json_get(body->options, "source_url"));
		if (value.text == NULL && body->err == ERR_OK)
			body->err = ERR_UNSUPPORTED_FIELD;
		if (value.text != NULL && field->type == TYPE_INTEGER && is_whole(value.text))
			value.json = value.text;
	} else if (value_of(which, field, body->task, body->options, body->arena, &value) != VALUE_SET) {
		return;
	}
	add_constants(body, field->with, NULL, 0);
	add_member(body, (struct body_member){.name = field->name, .text = value.text, .json = value.json});
}

/* Collects the members in the order in which they are sent. */
static void
gather_members(struct body *body)
{
	for (size_t i = 0; body->inputs != NULL && i < body->inputs->image_count; i++)
		body->have |= role_bits(body->inputs->images[i].role);
	for (int i = 0; i < JOB_EXTRA; i++) {
		const struct dialect_field *field = dialect_field_for(&body->form->fields[i], body->have);
		if (field != NULL)
			add_field(body, (enum job_field)i, field);
	}
	for (const struct dialect_constants *c = body->form->constants; c && c->list; c++)
		if (dialect_when_fits(c->when, body->have))
			add_constants(body, c->list, NULL, 0);
	const struct dialect_field *extra = dialect_field_for(&body->form->fields[JOB_EXTRA], body->have);
	if (extra != NULL)
		add_field(body, JOB_EXTRA, extra);
	if (body->err == ERR_OK && arena_failed(body->arena))
		body->err = ERR_NO_MEMORY;
}

static enum err_code
write_multipart(const struct body *body, struct http_request *request)
{
	struct http_part *parts = arena_alloc(body->arena, (body->count + 1) * sizeof(*parts));
	size_t n = 0;
	for (size_t i = 0; i < body->count && parts != NULL; i++) {
		const struct body_member *member = &body->members[i];
		if (member->file != NULL)
			parts[n++] = (struct http_part){.name = member->name,
			                                .file = member->text,
			                                .file_name = format_image_name(member->file->type),
			                                .type = member->file->type};
		else if (member->text != NULL)
			parts[n++] = (struct http_part){.name = member->name, .value = member->text};
	}
	request->parts = parts;
	request->part_count = n;
	return parts != NULL ? ERR_OK : ERR_NO_MEMORY;
}

enum err_code
body_compose(const struct dialect_form *form, const struct task *task, const struct submit_inputs *inputs,
             struct arena *arena, struct http_request *request)
{
	struct body body = {.arena = arena, .form = form, .task = task, .inputs = inputs};
	enum err_code err = json_parse(arena, task->options, strlen(task->options), &body.options);
	if (err != ERR_OK)
		return err == ERR_NO_MEMORY ? err : ERR_INTERNAL;
	gather_members(&body);
	if (body.err != ERR_OK)
		return body.err;
	if (is_json(&body))
		return body_json_write(body.members, body.count, arena, request);
	return write_multipart(&body, request);
}

enum err_code
body_upload(const struct dialect_upload *upload, const struct submit_image *image, struct arena *arena,
            struct http_request *request)
{
	struct body body = {.arena = arena, .have = INPUT_IMAGE};
	for (const struct dialect_constants *c = upload->constants; c && c->list; c++)
		add_constants(&body, c->list, NULL, 0);
	add_member(&body, (struct body_member){.name = upload->file, .text = image->path, .file = image});
	return body.err == ERR_OK ? write_multipart(&body, request) : body.err;
}
