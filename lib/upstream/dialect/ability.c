/* Abilities, by trying: see ability.h. A value counts as taken where it is with any of the images that a job
 * may have, since some upstreams take a size only with an image, or only without. */
#include "upstream/dialect/ability.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/profile.h"
#include "upstream/dialect/wish.h"

#define LAST      "[{\"role\":\"last\",\"file\":\"l\",\"type\":\"image/png\"}]"
#define REFERENCE "[{\"role\":\"reference\",\"file\":\"r\",\"type\":\"image/png\"}]"

enum { EXTRA_SIZE = 2048 /* of any name of a list */ };

struct trial {
	const struct channel *channel;
	const struct dialect_offer *offer; /* or NULL */
	struct arena *arena;               /* of the result */
	struct arena *scratch;
	struct task task; /* the least that names the model */
	bool starved;     /* memory was short */
};

static const struct inputs {
	const char *first, *others;
} inputs[] = {{NULL, NULL}, {"f", NULL}, {NULL, REFERENCE}, {NULL, LAST}, {"f", LAST}};
enum { WITH_NONE, WITH_FIRST, WITH_REFERENCE, WITH_LAST, WITH_BOTH, INPUTS };

/* True where all is said of the task as it is made from these. */
static bool
is_said(struct trial *trial, struct task task, int with, struct wish *ret_wish)
{
	arena_reset(trial->scratch);
	task.input_file = inputs[with].first;
	task.images = inputs[with].others;
	bool unsaid = wish_unsaid(trial->channel, &task, NULL, trial->scratch, ret_wish);
	trial->starved = trial->starved || arena_failed(trial->scratch);
	return !unsaid;
}

/* True where all is said of the task with one of the inputs. */
static bool
is_said_with_any(struct trial *trial, const struct task *task)
{
	struct wish wish;
	for (int i = 0; i < INPUTS; i++)
		if (is_said(trial, *task, i, &wish))
			return true;
	return false;
}

/* True where the field can be said, though perhaps not the value that the task has. */
static bool
is_field(struct trial *trial, const struct task *task, const char *field)
{
	struct wish wish;
	for (int i = 0; i < INPUTS; i++)
		if (is_said(trial, *task, i, &wish) ||
		    (strcmp(wish.field, field) == 0 && wish.why[0] != '\0'))
			return true;
	return false;
}

/* ---- sizes and seconds ---- */

/* The values that the profile lists for a field, of whatever tasks; NULL where it lists none. */
static const struct dialect_value *
values_of(const struct trial *trial, enum job_field which)
{
	const struct dialect_field *field = &trial->channel->dialect->forms[DIALECT_CREATE].fields[which];
	while (field != NULL && (field->values == NULL || field->steps))
		field = field->next;
	return field != NULL ? field->values : NULL;
}

/* The i-th size that may be taken; NULL behind the last. */
static const char *
size_at(const struct trial *trial, const struct dialect_value *values, size_t i)
{
	if (trial->offer != NULL && trial->offer->sizes != NULL)
		return trial->offer->sizes[i];
	return values != NULL ? values[i].ours : NULL;
}

static void
find_sizes(struct trial *trial, struct ability *ability)
{
	struct task task = trial->task;
	const struct dialect_value *values = values_of(trial, JOB_SIZE);
	size_t count = 0, all = 0;
	while (size_at(trial, values, all) != NULL)
		all++;
	const char **list = arena_alloc(trial->arena, (all + 1) * sizeof(*list));
	for (size_t i = 0; i < all && list != NULL; i++) {
		task.size = size_at(trial, values, i);
		if (is_said_with_any(trial, &task))
			list[count++] = task.size;
	}
	task.size = "1280x720";
	ability->sizes = all == 0 && is_field(trial, &task, "size") ? NULL : list;
}

/* The i-th length; 0 behind the last. */
static int64_t
seconds_at(const struct trial *trial, const struct dialect_value *values, size_t i)
{
	if (trial->offer != NULL && trial->offer->seconds != NULL)
		return i < trial->offer->second_count ? trial->offer->seconds[i] : 0;
	return values != NULL && values[i].ours != NULL ? strtoll(values[i].ours, NULL, 10) : 0;
}

static void
find_seconds(struct trial *trial, struct ability *ability)
{
	struct task task = trial->task;
	const struct dialect_value *values = values_of(trial, JOB_SECONDS);
	size_t count = 0, all = 0;
	while (seconds_at(trial, values, all) > 0)
		all++;
	int64_t *list = arena_alloc(trial->arena, (all + 1) * sizeof(*list));
	for (size_t i = 0; i < all && list != NULL; i++) {
		task.seconds = seconds_at(trial, values, i);
		if (is_said_with_any(trial, &task))
			list[count++] = task.seconds;
	}
	task.seconds = 5;
	ability->seconds = all == 0 && is_field(trial, &task, "seconds") ? NULL : list;
	ability->second_count = count;
}

/* ---- what else ---- */

static void
find_inputs(struct trial *trial, struct ability *ability)
{
	struct wish wish;
	ability->first = is_said(trial, trial->task, WITH_FIRST, &wish);
	ability->image = is_said(trial, trial->task, WITH_REFERENCE, &wish);
	ability->last =
	    is_said(trial, trial->task, WITH_LAST, &wish) || is_said(trial, trial->task, WITH_BOTH, &wish);
	if (trial->offer != NULL && trial->offer->inputs.told)
		ability->most =
		    ability->first || ability->image || ability->last ? trial->offer->inputs.most : 0;
	else
		ability->most = ability->image ? LIMIT_IMAGES : ability->first + ability->last;
}

static bool
takes_ratio(struct trial *trial)
{
	static const char *const ratios[] = {"16:9", "9:16", "1:1"};
	struct task task = trial->task;
	for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
		task.aspect_ratio = ratios[i];
		if (is_said_with_any(trial, &task))
			return true;
	}
	return false;
}

/* The options of a task with that member in `extra`; NULL when memory is short. */
static const char *
extra_with(struct arena *arena, const char *name)
{
	struct buf *text = buf_in_arena(arena, EXTRA_SIZE);
	struct jsonw w;
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "extra");
	jsonw_int(&w, name, 1);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	return text->failed ? NULL : buf_str(text);
}

/* True where a member may be sent in `extra`: any, or with billing one of those that the channel allows. */
static bool
takes_extra(struct trial *trial)
{
	static const char *const any[] = {"x", NULL};
	const char *const *name = trial->channel->billed ? trial->channel->extra_allow : any;
	struct task task = trial->task;
	for (; name != NULL && *name != NULL; name++) {
		task.options = extra_with(trial->arena, *name);
		if (task.options != NULL && is_said_with_any(trial, &task))
			return true;
	}
	return false;
}

static void
find_options(struct trial *trial, struct ability *ability)
{
	static const struct {
		const char *name, *options;
	} rows[] = {{"negative_prompt", "{\"negative_prompt\":\"x\"}"},
	            {"seed", "{\"seed\":1}"},
	            {"audio", "{\"audio\":true}"},
	            {"watermark", "{\"watermark\":true}"},
	            {"hd", "{\"hd\":true}"},
	            {"private", "{\"private\":true}"}};
	enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
	const char **list = arena_alloc(trial->arena, (ROWS + 3) * sizeof(*list));
	struct task task = trial->task;
	size_t count = 0;
	if (list == NULL)
		return;
	if (takes_ratio(trial))
		list[count++] = "aspect_ratio";
	for (size_t i = 0; i < ROWS; i++) {
		task.options = rows[i].options;
		if (is_said_with_any(trial, &task))
			list[count++] = rows[i].name;
	}
	if (takes_extra(trial))
		list[count++] = "extra";
	ability->options = list;
}

enum err_code
ability_find(const struct channel *channel, const char *ours, struct arena *arena,
             struct ability *ret_ability)
{
	struct ability ability = {0};
	struct trial trial = {.channel = channel,
	                      .offer = channel_offer_of(channel, channel_their_model(channel, ours)),
	                      .arena = arena,
	                      .scratch = arena_new(),
	                      .task = {.prompt = "x", .model = ours, .options = "{}"}};
	if (trial.scratch == NULL)
		return ERR_NO_MEMORY;
	bool any = is_said_with_any(&trial, &trial.task);
	if (any) {
		ability.label = trial.offer != NULL ? trial.offer->label : NULL;
		find_sizes(&trial, &ability);
		find_seconds(&trial, &ability);
		find_inputs(&trial, &ability);
		find_options(&trial, &ability);
	}
	arena_free(trial.scratch);
	if (trial.starved || arena_failed(arena))
		return ERR_NO_MEMORY;
	if (any)
		*ret_ability = ability;
	return any ? ERR_OK : ERR_NO_MODEL;
}
