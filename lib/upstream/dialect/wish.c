/* Wishes, each against the fields of the profile's form, and against what the model is offered with: see
 * wish.h. */
#include "upstream/dialect/wish.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/channel.h"
#include "model/image.h"
#include "model/task.h"
#include "upstream/dialect/body.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/extra.h"
#include "upstream/dialect/fill.h"
#include "upstream/dialect/format.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/value.h"

#define BETWEEN ", "

enum { LIST_SIZE = WISH_WHY_SIZE - 20 /* of the words before it */ };

struct look {
	const struct channel *channel;
	const struct dialect_form *form;
	const struct dialect_offer *offer; /* of a new job's model, or NULL */
	const struct task *task;
	struct arena *arena;
	const struct json *options;
	unsigned have; /* bits of its inputs */
	bool own_size; /* its size is asked for, and not inherited */
	struct wish *wish;
};

/* Notes the wish. Always returns true. */
static bool __attribute__((format(printf, 3, 4)))
unsaid(const struct look *look, const char *field, const char *why, ...)
{
	va_list args;
	va_start(args, why);
	vsnprintf(look->wish->why, sizeof(look->wish->why), why, args);
	va_end(args);
	look->wish->field = field;
	return true;
}

static bool
differs(const char *wished, const char *inherited)
{
	return wished != NULL && (inherited == NULL || strcmp(wished, inherited) != 0);
}

/* The field as such a task is sent with it, or NULL. */
static const struct dialect_field *
field_of(const struct look *look, enum job_field which)
{
	return dialect_field_for(&look->form->fields[which], look->have);
}

static bool
is_taken(const struct look *look, enum job_field which)
{
	struct value value;
	const struct dialect_field *field = field_of(look, which);
	return field != NULL &&
	       value_of(which, field, look->task, look->options, look->arena, &value) == VALUE_SET;
}

/* ---- values that are listed ---- */

/* Appends one word to a list of them, whole or not at all. */
static void
add_word(char *list, size_t size, const char *word)
{
	size_t len = strlen(list);
	if (len + strlen(BETWEEN) + strlen(word) < size)
		snprintf(list + len, size - len, "%s%s", len > 0 ? BETWEEN : "", word);
}

/* Notes a field that may have the listed values only; `who` takes them. */
static bool
unsaid_of(const struct look *look, const char *field, const char *who, const char *list)
{
	unsaid(look, field, "%s takes %s", who, list[0] ? list : "none");
	look->wish->allowed_at = list[0] ? strlen(who) + strlen(" takes ") : 0;
	return true;
}

/* Notes a field that is there, and does not take the value. */
static bool
wrong_value(const struct look *look, enum job_field which, const char *name)
{
	char list[LIST_SIZE] = "";
	const struct dialect_field *field = field_of(look, which);
	for (const struct dialect_value *v = field ? field->values : NULL; v && v->ours; v++)
		add_word(list, sizeof(list), field->steps && v->text ? v->text : v->ours);
	return list[0] ? unsaid_of(look, name, "it", list) : unsaid(look, name, "%s", "");
}

/* Notes a field that is not there, or has a value that is not taken. */
static bool
unsaid_value(const struct look *look, enum job_field which, const char *name)
{
	if (is_taken(look, which))
		return false;
	return field_of(look, which) ? wrong_value(look, which, name) : unsaid(look, name, "%s", "");
}

static bool
is_in(const char *const *list, const char *word)
{
	while (*list && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

static bool
unsaid_in(const struct look *look, const char *const *list, const char *word, const char *name)
{
	char words[LIST_SIZE] = "";
	if (list == NULL || is_in(list, word))
		return false;
	for (; *list; list++)
		add_word(words, sizeof(words), *list);
	return unsaid_of(look, name, "the model", words);
}

/* ---- the fields ---- */

/* True where a call has the model in its path or its headers. */
static bool
is_placed(const struct dialect_form *form)
{
	bool found = fill_has(form->call.path, FILL_MODEL) || fill_has(form->paths.with_image, FILL_MODEL) ||
	             fill_has(form->paths.with_last, FILL_MODEL) ||
	             fill_has(form->paths.with_references, FILL_MODEL);
	for (const char *const *line = form->headers; line && *line; line++)
		found = found || fill_has(*line, FILL_MODEL);
	return found;
}

/* Where an upstream is told no model at all, a channel that lists one means it by itself. */
static bool
says_model(const struct look *look)
{
	const struct channel *channel = look->channel;
	const struct dialect_form *create = &channel->dialect->forms[DIALECT_CREATE];
	if (is_placed(look->form))
		return true;
	if (create->fields[JOB_MODEL].name != NULL || is_placed(create))
		return field_of(look, JOB_MODEL) != NULL;
	return channel_model_in(channel->models, channel->model_count, look->task->model);
}

/* The shape stands in the aspect ratio where the size is said as a resolution. */
static bool
unsaid_size(const struct look *look)
{
	static const enum job_field fields[] = {JOB_SIZE, JOB_WIDTH, JOB_RESOLUTION};
	bool said = false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (field_of(look, fields[i]) == NULL)
			continue;
		if (!is_taken(look, fields[i]))
			return wrong_value(look, fields[i], "size");
		said = true;
	}
	if (!said)
		return unsaid(look, "size", "%s", "");
	if (look->task->aspect_ratio == NULL && field_of(look, JOB_ASPECT_RATIO) &&
	    format_aspect_ratio(look->arena, look->task, field_of(look, JOB_ASPECT_RATIO)->type) &&
	    !is_taken(look, JOB_ASPECT_RATIO))
		return wrong_value(look, JOB_ASPECT_RATIO, "size");
	return look->offer && unsaid_in(look, look->offer->sizes, look->task->size, "size");
}

static bool
unsaid_seconds(const struct look *look)
{
	char list[LIST_SIZE] = "", word[24];
	const struct dialect_offer *offer = look->offer;
	if (unsaid_value(look, JOB_SECONDS, "seconds"))
		return true;
	if (offer == NULL || offer->seconds == NULL)
		return false;
	for (size_t i = 0; i < offer->second_count; i++) {
		if (offer->seconds[i] == look->task->seconds)
			return false;
		snprintf(word, sizeof(word), "%lld", (long long)offer->seconds[i]);
		add_word(list, sizeof(list), word);
	}
	return unsaid_of(look, "seconds", "the model", list);
}

/* The aspect ratio of the task's size, or NULL. */
static const char *
ratio_of_size(const struct look *look)
{
	struct task bare = *look->task;
	bare.aspect_ratio = NULL;
	return format_aspect_ratio(look->arena, &bare, TYPE_FROM_SIZE);
}

/* True where the two are as good as one: sides are rounded to whole pixels. */
static bool
is_near(struct arena *arena, const char *ratio, const char *of_size)
{
	const char *a = format_quotient(arena, ratio), *b = format_quotient(arena, of_size);
	return a != NULL && b != NULL && fabs(strtod(a, NULL) / strtod(b, NULL) - 1) <= 0.03;
}

/* Where only the aspect ratio tells the shape of a size, one of another shape would leave the size unsaid. */
static bool
unsaid_aspect_ratio(const struct look *look)
{
	const struct dialect_field *field = field_of(look, JOB_ASPECT_RATIO);
	const char *ratio = look->task->aspect_ratio, *of_size = ratio_of_size(look);
	bool fits = of_size != NULL && is_near(look->arena, ratio, of_size);
	if (fits && field == NULL && (is_taken(look, JOB_SIZE) || is_taken(look, JOB_WIDTH)))
		return false;
	if (unsaid_value(look, JOB_ASPECT_RATIO, "aspect_ratio"))
		return true;
	if (of_size != NULL && !fits && look->own_size &&
	    (field->type == TYPE_FROM_SIZE || field->type == TYPE_QUOTIENT))
		return unsaid(look, "aspect_ratio", "the size %s is %s", look->task->size, of_size);
	return !fits && look->offer && look->offer->options && !is_in(look->offer->options, "aspect_ratio") &&
	       unsaid(look, "aspect_ratio", "%s", "the model does not take it");
}

static bool
unsaid_images(const struct look *look)
{
	static const struct {
		unsigned bit;
		enum job_field field;
		const char *name;
	} rows[] = {{INPUT_FIRST, JOB_INPUT_REFERENCE, "input_reference"},
	            {INPUT_LAST, JOB_LAST_FRAME, "last_frame"},
	            {INPUT_REFERENCES, JOB_REFERENCES, "references"}};
	const struct dialect_offer *offer = look->offer && look->offer->inputs.told ? look->offer : NULL;
	size_t count = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!(look->have & rows[i].bit))
			continue;
		if (field_of(look, rows[i].field) == NULL)
			return unsaid(look, rows[i].name, "%s", "");
		if (field_of(look, rows[i].field)->type == TYPE_URL && !look->channel->gets_links)
			return unsaid(look, rows[i].name, "%s", "it needs a link: public_url is not set");
		if (offer && !(rows[i].bit == INPUT_FIRST  ? offer->inputs.first
		               : rows[i].bit == INPUT_LAST ? offer->inputs.last
		                                           : offer->inputs.image))
			return unsaid(look, rows[i].name, "%s", "the model takes none");
	}
	if (offer && look->have && task_images(look->arena, look->task, &count) != NULL &&
	    (int64_t)count > offer->inputs.most)
		return unsaid(look, look->have & INPUT_REFERENCES ? "references" : "last_frame",
		              "the model takes %lld images at most", (long long)offer->inputs.most);
	return false;
}

/* An option that is a wish where it is there, and not false. */
static bool
unsaid_option(const struct look *look, enum job_field which, const char *name)
{
	const struct json *option = json_get(look->options, name);
	const char *text = json_string(option);
	bool on = true;
	if (json_type(option) == JSON_NULL || (json_bool(option, &on) && !on) || (text && !text[0]) ||
	    (json_type(option) == JSON_OBJECT && json_size(option) == 0))
		return false;
	if (field_of(look, which) == NULL)
		return unsaid(look, name, "%s", "");
	if (which != JOB_EXTRA && !is_taken(look, which))
		return wrong_value(look, which, name);
	return look->offer && look->offer->options && !is_in(look->offer->options, name) &&
	       unsaid(look, name, "%s", "the model does not take it");
}

static bool
unsaid_options(const struct look *look)
{
	static const struct {
		enum job_field field;
		const char *name;
	} rows[] = {{JOB_HD, "hd"},           {JOB_WATERMARK, "watermark"},
	            {JOB_PRIVATE, "private"}, {JOB_AUDIO, "audio"},
	            {JOB_SEED, "seed"},       {JOB_NEGATIVE_PROMPT, "negative_prompt"},
	            {JOB_EXTRA, "extra"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (unsaid_option(look, rows[i].field, rows[i].name))
			return true;
	const struct dialect_field *extra = field_of(look, JOB_EXTRA);
	if (extra == NULL)
		return false;
	const struct json *members = json_get(look->options, "extra");
	const char *forbidden = extra_forbidden(members);
	if (forbidden != NULL)
		return unsaid(look, "extra", "\"%.60s\" would make more than one video, or send it elsewhere",
		              forbidden);
	const char *clash = body_extra_clash(look->form, extra, members, look->arena);
	if (clash != NULL)
		return unsaid(look, "extra", "\"%.60s\" is written by longreel itself, or cannot be a member",
		              clash);
	if (!look->channel->billed)
		return false;
	const char *priced = extra_priced(members, look->channel->dialect);
	if (priced == NULL)
		priced = extra_unlisted(members, look->channel->extra_allow);
	return priced != NULL && unsaid(look, "extra", "\"%.60s\" may change the price", priced);
}

bool
wish_unsaid(const struct channel *channel, const struct task *task, const struct task *source,
            struct arena *arena, struct wish *ret_wish)
{
	static const struct task nothing;
	struct look look = {.channel = channel, .task = task, .arena = arena, .wish = ret_wish};
	const struct task *before = source != NULL ? source : &nothing;
	const char *theirs = channel_their_model(channel, task->model);
	bool whole = source != NULL || task->source_external_id == NULL;
	*ret_wish = (struct wish){0};
	look.form = body_form(channel->dialect, task, arena, &look.options);
	look.have = body_inputs(task, arena);
	if (look.form == &channel->dialect->forms[DIALECT_CREATE])
		look.offer = channel_offer_of(channel, theirs);
	if (unsaid_images(&look) || unsaid_options(&look))
		return true;
	const struct dialect_field *from = field_of(&look, JOB_SOURCE);
	if (from != NULL && from->type == TYPE_URL && json_get(look.options, "source_url") == NULL)
		return unsaid(&look, "video", "%s", "the upstream has told no link to it");
	if (whole && differs(task->model, before->model) && !says_model(&look))
		return unsaid(&look, "model", "%s", "");
	if (is_placed(look.form) && !fill_fits(theirs))
		return unsaid(&look, "model", "%s", theirs ? "it is no name of one" : "one must be named");
	if (!whole)
		return false;
	look.own_size = differs(task->size, task_shown_size(before));
	if (look.own_size && unsaid_size(&look))
		return true;
	if (task->seconds > 0 && task->seconds != task_shown_seconds(before) && unsaid_seconds(&look))
		return true;
	return differs(task->aspect_ratio, before->aspect_ratio) && unsaid_aspect_ratio(&look);
}

/* True where the word of `len` bytes is in the list. */
static bool
is_listed(const char *list, const char *word, size_t len)
{
	for (const char *at = list; *at != '\0'; at += strspn(at, BETWEEN)) {
		size_t n = strcspn(at, BETWEEN);
		if (n == len && strncmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

void
wish_join(struct wish *wish, const struct wish *other)
{
	char word[WISH_WHY_SIZE];
	if (wish->field == NULL || (wish->allowed_at == 0 && other->allowed_at > 0)) {
		*wish = *other;
		return;
	}
	if (other->allowed_at == 0 || strcmp(wish->field, other->field) != 0)
		return;
	char *list = wish->why + wish->allowed_at;
	for (const char *at = other->why + other->allowed_at; *at != '\0'; at += strspn(at, BETWEEN)) {
		size_t len = strcspn(at, BETWEEN);
		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (!is_listed(list, at, len))
			add_word(list, sizeof(wish->why) - wish->allowed_at, word);
		at += len;
	}
}
