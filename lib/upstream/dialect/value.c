/* Values of fields. Each is found as clients say it, then looked up among those that the profile lists, and
 * else written as the field's type says. */
#include "upstream/dialect/value.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/size.h"
#include "model/task.h"
#include "upstream/dialect/format.h"

static const char *
flag_of(const struct json *options, const char *name)
{
	bool on;
	if (!json_bool(json_get(options, name), &on))
		return NULL;
	return on ? "true" : "false";
}

static const char *
number_text(struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%lld", (long long)number);
}

static const char *
side_of(struct arena *arena, const struct task *task, bool width)
{
	int sides[2];
	return size_read(task->size, &sides[0], &sides[1]) ? number_text(arena, sides[width ? 0 : 1]) : NULL;
}

/* Returns what the task has, as clients say it; NULL = nothing. */
static const char *
ours_of(enum job_field which, const struct dialect_field *field, const struct task *task,
        const struct json *options, struct arena *arena)
{
	int64_t number;
	switch (which) {
	case JOB_PROMPT:
		return task->prompt;
	case JOB_MODEL:
		return task->model;
	case JOB_SIZE:
		return task->size;
	case JOB_WIDTH:
	case JOB_HEIGHT:
		return side_of(arena, task, which == JOB_WIDTH);
	case JOB_RESOLUTION:
		return format_resolution(arena, task, field->type);
	case JOB_SECONDS:
		return task->seconds > 0 ? number_text(arena, task->seconds) : NULL;
	case JOB_ASPECT_RATIO:
		return format_aspect_ratio(arena, task, field->type);
	case JOB_WATERMARK:
		return flag_of(options, "watermark");
	case JOB_HD:
		return flag_of(options, "hd");
	case JOB_PRIVATE:
		return flag_of(options, "private");
	case JOB_AUDIO:
		return flag_of(options, "audio");
	case JOB_SEED:
		return json_integer(json_get(options, "seed"), &number) ? number_text(arena, number) : NULL;
	case JOB_NEGATIVE_PROMPT:
		return json_string(json_get(options, "negative_prompt"));
	case JOB_SOURCE:
	case JOB_INPUT_REFERENCE:
	case JOB_LAST_FRAME:
	case JOB_REFERENCES:
	case JOB_EXTRA:
	case JOB_FIELD__MAX:
		break;
	}
	return NULL;
}

/* Returns the row of the list for what the task has, or NULL. */
static const struct dialect_value *
listed(const struct dialect_field *field, const struct task *task, const char *ours)
{
	const struct dialect_value *row = field->values;
	int lines = size_lines(task->size);
	while (row->ours && (field->steps ? row->step < lines : strcmp(row->ours, ours) != 0))
		row++;
	return row->ours ? row : NULL;
}

/* Writes a value as the field's type says. False where it has none of that form. */
static bool
write_value(enum job_field which, const struct dialect_field *field, const struct task *task,
            const char *ours, struct arena *arena, struct value *value)
{
	bool number = which == JOB_WIDTH || which == JOB_HEIGHT || which == JOB_SEED;
	*value = (struct value){ours, NULL};
	if (which == JOB_SIZE) {
		value->text = format_size(arena, task, field->type);
	} else if (which == JOB_SECONDS) {
		number = field->type == TYPE_INTEGER || field->type == TYPE_FLOAT;
		if (field->type == TYPE_SUFFIX || field->type == TYPE_FLOAT)
			value->text = arena_printf(arena, "%s%s", ours, number ? ".0" : "s");
	} else if (which == JOB_ASPECT_RATIO && field->type == TYPE_QUOTIENT) {
		value->text = format_quotient(arena, ours);
		number = true;
	} else if (which == JOB_WATERMARK || which == JOB_HD || which == JOB_PRIVATE || which == JOB_AUDIO) {
		number = true; /* as much as a word of JSON is one */
	}
	if (number && field->type != TYPE_STRING)
		value->json = value->text;
	return value->text != NULL;
}

enum value_state
value_of(enum job_field which, const struct dialect_field *field, const struct task *task,
         const struct json *options, struct arena *arena, struct value *ret_value)
{
	const char *ours = ours_of(which, field, task, options, arena);
	const struct dialect_value *row = NULL;
	if (ours == NULL && task->size &&
	    (which == JOB_WIDTH || which == JOB_HEIGHT || which == JOB_RESOLUTION))
		return VALUE_REFUSED; /* a size that is none of ours: "large" */
	if (ours == NULL && field->otherwise) {
		*ret_value = (struct value){field->otherwise->text, field->otherwise->json};
		return VALUE_SET;
	}
	if (ours == NULL)
		return VALUE_NONE;
	if (field->values && (row = listed(field, task, ours)) == NULL)
		return VALUE_REFUSED;
	if (row && row->text) {
		*ret_value = (struct value){row->text, row->json};
		return VALUE_SET;
	}
	return write_value(which, field, task, ours, arena, ret_value) ? VALUE_SET : VALUE_REFUSED;
}
