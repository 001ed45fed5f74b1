/* Options, from a creation to the row and back: see create_options.h. */
#include "api/create_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "model/task.h"

enum { SIDE_MOST = 16384, SIDE_DIGITS = 5, RATIO_DIGITS = 4 };

/* True for two whole numbers of at most `digits` digits, neither 0, with `mark` between them. */
static bool
is_pair(const char *text, char mark, size_t digits, long most)
{
	size_t first = strspn(text, "0123456789");
	if (first == 0 || first > digits || text[first] != mark)
		return false;
	const char *second = text + first + 1;
	size_t len = strspn(second, "0123456789");
	long a = strtol(text, NULL, 10), b = strtol(second, NULL, 10);
	return len > 0 && len <= digits && second[len] == '\0' && a > 0 && b > 0 && a <= most && b <= most;
}

struct err
options_shape(const char *size, const char *aspect_ratio)
{
	if (size != NULL && !is_pair(size, 'x', SIDE_DIGITS, SIDE_MOST))
		return err_say(ERR_BAD_FIELD, "size",
		               "size must be WIDTHxHEIGHT in pixels, such as 1280x720.");
	if (aspect_ratio != NULL && !is_pair(aspect_ratio, ':', RATIO_DIGITS, SIDE_MOST))
		return err_say(ERR_BAD_FIELD, "aspect_ratio",
		               "aspect_ratio must be WIDTH:HEIGHT, such as 16:9.");
	return err_of(ERR_OK);
}

static void
write_flag(struct jsonw *w, const char *name, struct field_bool option)
{
	if (option.set)
		jsonw_bool(w, name, option.value);
}

const char *
options_text(struct arena *arena, const struct options_asked *asked)
{
	struct buf *text = buf_in_arena(arena, LIMIT_JSON_BODY);
	struct jsonw w;
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	write_flag(&w, "watermark", asked->watermark);
	write_flag(&w, "hd", asked->hd);
	write_flag(&w, "private", asked->hidden);
	write_flag(&w, "audio", asked->audio);
	if (asked->seed.set)
		jsonw_int(&w, "seed", asked->seed.value);
	if (asked->negative_prompt != NULL)
		jsonw_string(&w, "negative_prompt", asked->negative_prompt);
	if (json_size(asked->extra) > 0) {
		const char *extra = json_text(arena, asked->extra);
		if (extra == NULL)
			return NULL;
		jsonw_raw(&w, "extra", extra);
	}
	jsonw_object_end(&w);
	return text->failed ? NULL : buf_str(text);
}

static void
view_flag(struct jsonw *w, const char *name, const struct json *options, const char *option)
{
	bool on;
	if (json_bool(json_get(options, option), &on))
		jsonw_bool(w, name, on);
	else
		jsonw_null(w, name);
}

void
options_view(struct jsonw *w, const struct task *task)
{
	/* Most tasks have none, and lists of a hundred are written often: all members at once. */
	static const char none[] = "null,\"negativePrompt\":null,\"audio\":null,\"watermark\":null,"
	                           "\"hd\":null,\"private\":null,\"extra\":null";
	const struct json *options = NULL;
	int64_t seed;
	if (strcmp(task->options, "{}") == 0) {
		jsonw_raw(w, "seed", none);
		return;
	}
	struct arena *arena = arena_new();
	if (arena != NULL && json_parse(arena, task->options, strlen(task->options), &options) != ERR_OK)
		options = NULL;
	if (json_integer(json_get(options, "seed"), &seed))
		jsonw_int(w, "seed", seed);
	else
		jsonw_null(w, "seed");
	jsonw_string(w, "negativePrompt", json_string(json_get(options, "negative_prompt")));
	view_flag(w, "audio", options, "audio");
	view_flag(w, "watermark", options, "watermark");
	view_flag(w, "hd", options, "hd");
	view_flag(w, "private", options, "private");
	const struct json *extra = json_get(options, "extra");
	const char *text = extra != NULL ? json_text(arena, extra) : NULL;
	if (text != NULL)
		jsonw_raw(w, "extra", text);
	else
		jsonw_null(w, "extra");
	if (options == NULL)
		w->out->failed = true; /* for want of memory: half an object is none */
	arena_free(arena);
}
