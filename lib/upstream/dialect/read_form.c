/* Checks what depends on several keys of a call that makes a job. */
#include "upstream/dialect/reader.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "upstream/dialect/fill.h"

enum { NAMES_MAX = 400 /* members of one body, for all tasks together */ };

/* A member, and when it is there. */
struct named {
	const char *name;
	struct dialect_when when;
	int field; /* that it belongs to, JOB_FIELD__MAX for a constant of the form … */
	int row;   /* … and which of its alternatives */
};

struct names {
	struct named all[NAMES_MAX];
	size_t count;
};

/* True where no task has both. */
static bool
never_both(const struct named *a, const struct named *b)
{
	return (a->field == b->field && a->field != JOB_FIELD__MAX && a->row != b->row) ||
	       (a->when.must & b->when.never) || (b->when.must & a->when.never);
}

/* Goes to the key that has the member. */
static void
enter_member(struct dialect_reader *r, const struct named *name)
{
	bool field = name->field != JOB_FIELD__MAX;
	dialect_enter(r, field ? "fields" : "constants");
	if (field)
		dialect_enter(r, dialect_field_key((enum job_field)name->field));
}

static bool
add_name(struct dialect_reader *r, struct names *names, struct named name)
{
	if (names->count == NAMES_MAX)
		return dialect_fail(r, "has too many members");
	for (size_t i = 0; i < names->count; i++) {
		if (dialect_names_fit(names->all[i].name, name.name) || never_both(&names->all[i], &name))
			continue;
		enter_member(r, &name);
		return dialect_fail(r, "puts \"%.60s\" where \"%.60s\" stands", name.name,
		                    names->all[i].name);
	}
	names->all[names->count++] = name;
	return true;
}

static bool
add_list(struct dialect_reader *r, struct names *names, const struct dialect_constant *list,
         struct named like)
{
	for (; list && list->name; list++) {
		like.name = list->name;
		if (!add_name(r, names, like))
			return false;
	}
	return true;
}

/* Collects all members, and refuses those that stand where others do. */
static bool
members_fit(struct dialect_reader *r, const struct dialect_form *form, struct names *names)
{
	names->count = 0;
	for (int i = 0; i < JOB_EXTRA; i++) {
		int row = 0;
		for (const struct dialect_field *f = &form->fields[i]; f && f->name; f = f->next) {
			struct named name = {f->name, f->when, i, row++};
			if (!add_name(r, names, name) || !add_list(r, names, f->with, name))
				return false;
		}
	}
	for (const struct dialect_constants *c = form->constants; c && c->list; c++)
		if (!add_list(r, names, c->list, (struct named){NULL, c->when, JOB_FIELD__MAX, 0}))
			return false;
	return true;
}

/* Refuses pointers in a multipart body, whose parts have names only. */
static bool
pointers_fit(struct dialect_reader *r, const struct dialect_form *form, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct named *n = &names->all[i];
		bool without = form->body == BODY_MULTIPART && !(n->when.must & INPUT_IMAGE);
		bool with = form->body_with_image == BODY_MULTIPART && !(n->when.never & INPUT_IMAGE);
		if (n->field >= JOB_INPUT_REFERENCE && n->field <= JOB_REFERENCES)
			without = false;
		if (n->name[0] != '/' || !(without || with))
			continue;
		enter_member(r, n);
		return dialect_fail(
		    r, "has \"%.60s\": a multipart body has plain names only, like \"prompt\"", n->name);
	}
	return true;
}

/* Refuses an image as text in a multipart body, or as a file in JSON, and images in JSON that would all stand
 * in one place. */
static bool
images_fit(struct dialect_reader *r, const struct dialect_form *form)
{
	static const struct {
		enum job_field field;
		const char *name;
	} rows[] = {{JOB_INPUT_REFERENCE, "fields.input_reference"},
	            {JOB_LAST_FRAME, "fields.last_frame"},
	            {JOB_REFERENCES, "fields.references"}};
	bool json = form->body_with_image == BODY_JSON;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t back = dialect_enter(r, rows[i].name);
		for (const struct dialect_field *f = &form->fields[rows[i].field]; f && f->name;
		     f = f->next) {
			bool bytes = f->type == TYPE_DATA_URL || f->type == TYPE_BASE64;
			if (f->type == TYPE_UPLOAD && r->dialect->upload.call.path == NULL)
				return dialect_fail(r,
				                    "has the type \"upload\", and the profile no key upload");
			if (json && f->type == TYPE_PLAIN)
				return dialect_fail(r, "needs a \"multipart\" body, or the type \"data_url\" "
				                       "or \"base64\"");
			if (!json && bytes)
				return dialect_fail(r, "needs a \"json\" body_with_image for its type");
			if (json && rows[i].field == JOB_REFERENCES && !strstr(f->name, "/-"))
				return dialect_fail(r, "needs a step \"-\", where each image goes: "
				                       "\"/images/-\"");
		}
		dialect_leave(r, back);
	}
	return true;
}

/* Refuses a prompt that some tasks would not be sent with. */
static bool
prompt_fits(struct dialect_reader *r, const struct dialect_form *form)
{
	const struct dialect_field *f = &form->fields[JOB_PROMPT];
	while (f->next)
		f = f->next;
	size_t back = dialect_enter(r, "fields.prompt");
	if (f->when.must || f->when.never)
		return dialect_fail(r, "must be sent with every task: the last one must have no \"if\"");
	dialect_leave(r, back);
	return true;
}

/* Refuses a derived job whose source has no place or two, and a new job with a place for a source. */
static bool
source_fits(struct dialect_reader *r, const struct dialect_form *form, bool derived)
{
	bool in_path = fill_has(form->call.path, FILL_ID);
	bool in_body = form->fields[JOB_SOURCE].name != NULL;
	if (!derived)
		return !in_body || dialect_fail(r, "has a source, and is made from none");
	return in_path != in_body ||
	       dialect_fail(r, in_path ? "has {id} in its path and a source in its fields: one is enough"
	                               : "must hold {id} in its path, or have the field source");
}

bool
dialect_form_ok(struct dialect_reader *r, const char *name, struct dialect_form *form,
                const struct json *value)
{
	struct names names;
	size_t back = dialect_enter(r, name);
	if (value == NULL) {
		dialect_leave(r, back);
		return true;
	}
	if (!json_get(value, "body_with_image"))
		form->body_with_image = form->body;
	if (!prompt_fits(r, form) || !members_fit(r, form, &names) || !images_fit(r, form) ||
	    !pointers_fit(r, form, &names) ||
	    !source_fits(r, form, form != &r->dialect->forms[DIALECT_CREATE]))
		return false;
	dialect_leave(r, back);
	return true;
}
