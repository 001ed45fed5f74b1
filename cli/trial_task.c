/* A task of a command line: see trial_task.h. */
#include "trial_task.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli.h"
#include "domain/channel/admin.h"
#include "model/image.h"
#include "upstream/dialect/dialect.h"

enum { SIDE_DIGITS = 5, SEED_DIGITS = 15 };

/* ---- the channel ---- */

bool
trial_base_good(const char *base)
{
	return channel_base_good(base) || cli_fail("%s", CHANNEL_BAD_BASE) == CLI_DONE;
}

struct channel
trial_channel(const struct dialect *dialect, const char *base)
{
	return (struct channel){.name = "trial",
	                        .base = base != NULL ? base : "https://api.example.com",
	                        .key = TRIAL_KEY,
	                        .key_id = "trial",
	                        .dialect = dialect,
	                        .idempotency_header = dialect_idempotency_header(dialect),
	                        .gets_links = true,
	                        .takes_new = true};
}

/* ---- what is checked ---- */

static int
misused(const char *option, const char *what)
{
	cli_fail("--%s %s", option, what);
	return CLI_MISUSED;
}

/* True for two numbers with `between` between them. */
static bool
is_pair(const char *text, char between)
{
	size_t first = strspn(text, "0123456789");
	const char *rest = text + first + 1;
	if (first == 0 || first > SIDE_DIGITS || text[first] != between)
		return false;
	size_t second = strspn(rest, "0123456789");
	return second > 0 && second <= SIDE_DIGITS && rest[second] == '\0';
}

static bool
is_whole(const char *text)
{
	const char *digits = text + (*text == '-');
	size_t len = strspn(digits, "0123456789");
	return len > 0 && len <= SEED_DIGITS && digits[len] == '\0' && (digits[0] != '0' || len == 1);
}

static int
check_texts(const struct cli_call *call)
{
	const struct {
		const char *option, *text;
	} rows[] = {
	    {"prompt", call->prompt}, {"model", call->model},  {"negative-prompt", call->negative_prompt},
	    {"image", call->image},   {"last", call->last},    {"remix", call->remix},
	    {"edit", call->edit},     {"extend", call->extend}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].text != NULL && utf8_count(rows[i].text, strlen(rows[i].text)) < 0)
			return misused(rows[i].option, "must be UTF-8.");
	for (int i = 0; i < call->references.count; i++)
		if (utf8_count(call->references.at[i], strlen(call->references.at[i])) < 0)
			return misused("reference", "must be UTF-8.");
	if (call->size != NULL && !is_pair(call->size, 'x'))
		return misused("size", "must be WIDTHxHEIGHT in pixels, such as 1280x720.");
	if (call->aspect_ratio != NULL && !is_pair(call->aspect_ratio, ':'))
		return misused("aspect-ratio", "must be WIDTH:HEIGHT, such as 16:9.");
	if (call->seed != NULL && !is_whole(call->seed))
		return misused("seed", "must be a whole number of 15 digits at most.");
	if ((call->remix != NULL) + (call->edit != NULL) + (call->extend != NULL) > 1)
		return misused("remix", "and --edit and --extend cannot be given together.");
	return CLI_DONE;
}

/* ---- images ---- */

struct gathering {
	struct arena *arena;
	struct trial_task *trial;
	struct jsonw w; /* the task's list of them */
};

/* Reads the type of the image by its first bytes; NULL where it is none, or cannot be read. */
static const char *
type_of(const char *path)
{
	uint8_t bytes[IMAGE_MAGIC];
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return NULL;
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return image_type(bytes, len);
}

static int
add_image(struct gathering *g, enum image_role role, const char *path)
{
	struct trial_task *trial = g->trial;
	const char *type = type_of(path);
	size_t n = trial->inputs.image_count;
	if (type == NULL) {
		cli_fail("%s cannot be read, or is no PNG, JPEG or WebP image.", path);
		return CLI_MISUSED;
	}
	const char *name = arena_printf(g->arena, "image%zu", n + 1);
	trial->images[n] = (struct submit_image){
	    .role = role,
	    .type = type,
	    .path = path,
	    .link = arena_printf(g->arena, "https://PUBLIC_URL/%s", name ? name : ""),
	};
	trial->inputs.image_count = n + 1;
	if (role == IMAGE_FIRST) {
		trial->task.input_file = name;
		trial->task.input_type = type;
		return CLI_DONE;
	}
	jsonw_object(&g->w, NULL);
	jsonw_string(&g->w, "role", image_role_word(role));
	jsonw_string(&g->w, "file", name);
	jsonw_string(&g->w, "type", type);
	jsonw_object_end(&g->w);
	return CLI_DONE;
}

static int
read_images(const struct cli_call *call, struct arena *arena, struct trial_task *trial)
{
	struct gathering g = {.arena = arena, .trial = trial};
	struct buf *text = buf_in_arena(arena, LIMIT_JSON_BODY);
	int outcome = CLI_DONE;
	trial->images = arena_alloc(arena, LIMIT_IMAGES * sizeof(*trial->images));
	trial->inputs.images = trial->images;
	if (text == NULL || trial->images == NULL)
		return CLI_DONE; /* the arena knows */
	jsonw_init(&g.w, text);
	jsonw_array(&g.w, NULL);
	if (call->image != NULL)
		outcome = add_image(&g, IMAGE_FIRST, call->image);
	if (call->last != NULL && outcome == CLI_DONE)
		outcome = add_image(&g, IMAGE_LAST, call->last);
	for (int i = 0; i < call->references.count && outcome == CLI_DONE; i++)
		outcome = add_image(&g, IMAGE_REFERENCE, call->references.at[i]);
	jsonw_array_end(&g.w);
	if (call->last != NULL || call->references.count > 0)
		trial->task.images = buf_str(text);
	return outcome;
}

/* ---- the task ---- */

/* Writes what a task keeps as its options. */
static int
read_options(const struct cli_call *call, struct arena *arena, struct trial_task *trial)
{
	const struct json *extra = NULL;
	struct buf *text = buf_in_arena(arena, LIMIT_JSON_BODY);
	struct jsonw w;
	if (text == NULL)
		return CLI_DONE; /* the arena knows */
	if (call->extra != NULL && (strlen(call->extra) > LIMIT_EXTRA ||
	                            json_parse(arena, call->extra, strlen(call->extra), &extra) != ERR_OK ||
	                            json_type(extra) != JSON_OBJECT))
		return misused("extra", "must be a JSON object of 8 KiB at most.");
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	if (call->seed != NULL)
		jsonw_raw(&w, "seed", call->seed);
	if (call->negative_prompt != NULL)
		jsonw_string(&w, "negative_prompt", call->negative_prompt);
	if (call->audio)
		jsonw_bool(&w, "audio", true);
	if (extra != NULL)
		jsonw_raw(&w, "extra", json_text(arena, extra));
	if (trial->kind != DIALECT_CREATE) {
		jsonw_string(&w, "job", job_kind_word(trial->kind));
		jsonw_string(&w, "source_url", "https://UPSTREAM/video.mp4");
	}
	jsonw_object_end(&w);
	trial->task.options = buf_str(text);
	return CLI_DONE;
}

int
trial_task_read(const struct cli_call *call, struct arena *arena, struct trial_task *ret_trial)
{
	struct trial_task trial = {.kind = call->remix    ? DIALECT_REMIX
	                                   : call->edit   ? DIALECT_EDIT
	                                   : call->extend ? DIALECT_EXTEND
	                                                  : DIALECT_CREATE};
	const char *source = call->remix ? call->remix : call->edit ? call->edit : call->extend;
	trial.task = (struct task){.video_id = "VIDEO_ID",
	                           .external_id = "JOB_ID",
	                           .attempt = 1,
	                           .prompt = call->prompt,
	                           .model = call->model,
	                           .size = call->size,
	                           .seconds = call->seconds,
	                           .aspect_ratio = call->aspect_ratio,
	                           .media_type = "VIDEO",
	                           .metadata = "{}",
	                           .source_external_id = source};
	int outcome = check_texts(call);
	if (outcome == CLI_DONE)
		outcome = read_options(call, arena, &trial);
	if (outcome == CLI_DONE)
		outcome = read_images(call, arena, &trial);
	if (outcome == CLI_DONE && arena_failed(arena)) {
		cli_fail("not enough memory.");
		outcome = CLI_MISUSED;
	}
	*ret_trial = trial;
	return outcome;
}

bool
trial_task_drop(struct cli_call *call, const char *field)
{
	const struct {
		const char *field;
		const char **text;
	} rows[] = {{"model", &call->model},
	            {"size", &call->size},
	            {"aspect_ratio", &call->aspect_ratio},
	            {"seed", &call->seed},
	            {"negative_prompt", &call->negative_prompt},
	            {"extra", &call->extra},
	            {"input_reference", &call->image},
	            {"last_frame", &call->last}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(field, rows[i].field) != 0)
			continue;
		bool had = *rows[i].text != NULL;
		*rows[i].text = NULL;
		return had;
	}
	bool had = (strcmp(field, "seconds") == 0 && call->seconds > 0) ||
	           (strcmp(field, "audio") == 0 && call->audio) ||
	           (strcmp(field, "references") == 0 && call->references.count > 0);
	if (strcmp(field, "seconds") == 0)
		call->seconds = 0;
	if (strcmp(field, "audio") == 0)
		call->audio = false;
	if (strcmp(field, "references") == 0)
		call->references.count = 0;
	return had;
}
