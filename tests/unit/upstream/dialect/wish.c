/* What is asked for and cannot be said, by the shipped profiles. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "support/test.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/wish.h"

struct row {
	const char *dialect;
	struct task task;
	const char *unsaid; /* NULL = all is said */
};

static const char one_reference[] = "[{\"role\":\"reference\",\"file\":\"r\",\"type\":\"image/png\"}]",
                  last_frame[] = "[{\"role\":\"last\",\"file\":\"l\",\"type\":\"image/png\"}]";

static const struct row rows[] = {
    {"openai", {.prompt = "a", .model = "m", .size = "1280x720", .seconds = 8}, NULL},
    {"openai", {.prompt = "a", .aspect_ratio = "9:16"}, "aspect_ratio"},
    {"openai", {.prompt = "a", .size = "720x1280", .aspect_ratio = "9:16"}, NULL},
    {"openai", {.prompt = "a", .size = "720x1280", .aspect_ratio = "16:9"}, "aspect_ratio"},
    {"openai", {.prompt = "a", .options = "{\"hd\":true}"}, "hd"},
    {"openai", {.prompt = "a", .options = "{\"hd\":false,\"watermark\":false,\"private\":false}"}, NULL},
    {"openai", {.prompt = "a", .options = "{\"watermark\":true}"}, "watermark"},
    {"openai", {.prompt = "a", .options = "{\"private\":true}"}, "private"},
    {"openai", {.prompt = "a", .input_file = "x.png"}, NULL},
    {"sora", {.prompt = "a", .aspect_ratio = "9:16", .options = "{\"hd\":true,\"private\":true}"}, NULL},
    {"seedance", {.prompt = "a", .size = "1280x720", .aspect_ratio = "16:9", .seconds = 5}, NULL},
    {"seedance", {.prompt = "a", .size = "854x480", .aspect_ratio = "16:9"}, NULL},
    {"seedance", {.prompt = "a", .size = "1280x720", .aspect_ratio = "1:1"}, "aspect_ratio"},
    {"seedance", {.prompt = "a", .size = "1080x1920", .aspect_ratio = "16:9"}, "aspect_ratio"},
    {"sora", {.prompt = "a", .size = "1280x720", .aspect_ratio = "1:1"}, NULL}, /* it is told both */
    {"zhipu", {.prompt = "a", .model = "cogvideox-3", .aspect_ratio = "16:9"}, "aspect_ratio"},
    {"zhipu", {.prompt = "a", .model = "unheard-of", .aspect_ratio = "16:9"}, NULL},
    {"seedance", {.prompt = "a", .options = "{\"hd\":true}"}, "hd"},
    {"dashscope", {.prompt = "a", .model = "wan2.6-t2v", .input_file = "x.png"}, "input_reference"},
    {"dashscope-wan27", {.prompt = "a", .model = "wan2.7-t2v", .images = one_reference}, "references"},
    {"zhipu", {.prompt = "a", .model = "viduq1-text", .input_file = "x.png"}, "input_reference"},
    {"veo", {.prompt = "a", .model = "m", .images = last_frame}, "last_frame"},
    {"veo", {.prompt = "a", .model = "m", .input_file = "x.png", .images = last_frame}, NULL},
    {"veo", {.prompt = "a", .model = "m", .input_file = "x.png", .images = one_reference}, "references"},
    {"fal", {.prompt = "a", .model = "m", .images = last_frame}, "last_frame"},
    {"fal", {.prompt = "a", .model = "m", .input_file = "x.png", .images = one_reference}, "references"},
    {"fal", {.prompt = "a", .model = "m", .images = one_reference}, NULL},
    {"dashscope", {.prompt = "a", .size = "1280x720", .input_file = "x.png"}, NULL},
    /* made from a video whose fields are not known: its image and its options count */
    {"openai", {.prompt = "a", .source_external_id = "s", .size = "1x1", .model = "m"}, NULL},
    {"openai", {.prompt = "a", .source_external_id = "s", .input_file = "x.png"}, "input_reference"},
    {"openai", {.prompt = "a", .source_external_id = "s", .options = "{\"hd\":true}"}, "hd"},
};

static const char *
unsaid(const char *name, const struct task *task, const struct task *source,
       const struct channel_model *models)
{
	char why[256];
	struct arena *arena = arena_new();
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	assert_non_null(dialect);
	const struct channel channel = {
	    .name = "c", .dialect = dialect, .models = models, .model_count = models != NULL};
	struct wish wish;
	const char *field = wish_unsaid(&channel, task, source, arena, &wish) ? wish.field : NULL;
	dialect_free(dialect);
	arena_free(arena);
	return field;
}

TEST(nothing_that_cannot_be_said_is_passed_over)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *field = unsaid(rows[i].dialect, &rows[i].task, NULL, NULL);
		if (field != rows[i].unsaid &&
		    (field == NULL || rows[i].unsaid == NULL || strcmp(field, rows[i].unsaid) != 0))
			fail_msg("row %zu: %s", i, field != NULL ? field : "all is said");
	}
}

/* With billing what may change the price is not bought by the way, at whatever depth. */
TEST(extra_buys_nothing_that_was_not_priced)
{
	static const char *const allowed[] = {"style",     "template_id", "motion_mode",
	                                      "Dur-ation", "img_id",      NULL};
	static const struct {
		const char *extra;
		bool billed;
		const char *why; /* how the sentence begins; NULL = it is sent */
	} cases[] = {
	    {"{\"style\":\"clay\"}", true, NULL},
	    {"{\"style\":[{\"template_id\":1},{\"style\":{}}]}", true, NULL},
	    {"{\"other\":1}", true, "\"other\" may"},
	    {"{\"Style\":1}", true, "\"Style\" may"},
	    {"{\"style\":[{\"style\":1},{\"a\":1}]}", true, "\"a\" may"},
	    /* written by the profile: here, elsewhere, in another job or with other inputs */
	    {"{\"quality\":\"1080p\"}", true, "\"quality\" is"},
	    {"{\"style\":{\"quality\":\"1080p\"}}", true, "\"quality\" may"},
	    {"{\"style\":{\"Dur-ation\":8}}", true, "\"Dur-ation\" may"},
	    {"{\"style\":[[{\"img_id\":8}]]}", true, "\"img_id\" may"},
	    {"{\"style\":{\"source_video_id\":8}}", true, "\"source_video_id\" may"},
	    /* listed as priced, which no channel can allow */
	    {"{\"motion_mode\":\"fast\"}", true, "\"motion_mode\" may"},
	    {"{\"style\":{\"motionMode\":\"fast\"}}", true, "\"motionMode\" may"},
	    {"{\"motion_mode\":\"fast\",\"style\":{\"quality\":1}}", false, NULL},
	};
	char why[256];
	struct wish wish;
	struct arena *arena = arena_new();
	struct dialect *dialect = dialect_load("conf/dialects", "pixverse", why, sizeof(why));
	assert_non_null(dialect);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct channel channel = {
		    .name = "c", .dialect = dialect, .billed = cases[i].billed, .extra_allow = allowed};
		const struct task task = {.prompt = "a",
		                          .model = "v5.5",
		                          .options = arena_printf(arena, "{\"extra\":%s}", cases[i].extra)};
		const char *begins = cases[i].why;
		bool unsaid_one = wish_unsaid(&channel, &task, NULL, arena, &wish);
		if (unsaid_one != (begins != NULL) ||
		    (unsaid_one && strncmp(wish.why, begins, strlen(begins)) != 0))
			fail_msg("%s: %s", cases[i].extra, wish.why);
		assert_true(!unsaid_one || strcmp(wish.field, "extra") == 0);
	}
	dialect_free(dialect);
	arena_free(arena);
}

TEST(what_is_inherited_is_no_wish)
{
	const struct task source = {.model = "m", .size = "1280x720", .seconds = 8, .aspect_ratio = "16:9"};
	struct task remix = source;
	remix.source_external_id = "s";
	assert_null(unsaid("openai", &remix, &source, NULL));
	remix.model = "other";
	assert_string_equal(unsaid("openai", &remix, &source, NULL), "model");
	assert_string_equal(unsaid("openai", &remix, &source, &(struct channel_model){"other", "theirs"}),
	                    "model");
}

/* Fails where the dialect cannot be asked for the task, which is one of its offer. */
static void
can_say(const struct dialect *dialect, const struct task *task)
{
	struct arena *arena = arena_new();
	const struct channel channel = {.name = "c", .dialect = dialect, .gets_links = true};
	struct wish wish;
	if (wish_unsaid(&channel, task, NULL, arena, &wish))
		fail_msg("%s: %s, size %s, %lld s, %s: %s, %s", dialect_name(dialect), task->model,
		         task->size ? task->size : "-", (long long)task->seconds, task->options, wish.field,
		         wish.why);
	arena_free(arena);
}

static void
can_say_offer(const struct dialect *dialect, const struct dialect_offer *offer)
{
	const struct task bare = {.prompt = "a", .model = offer->name, .options = "{}"};
	struct task task = bare;
	for (const char *const *size = offer->sizes; size && *size; size++) {
		task.size = *size;
		can_say(dialect, &task);
	}
	task = bare;
	for (size_t i = 0; i < offer->second_count; i++) {
		task.seconds = offer->seconds[i];
		can_say(dialect, &task);
	}
	task = bare;
	task.images = one_reference;
	if (offer->inputs.image)
		can_say(dialect, &task);
	task.input_file = "f";
	task.input_type = "image/png";
	task.images = NULL;
	if (offer->inputs.first)
		can_say(dialect, &task);
	task.images = last_frame;
	if (offer->inputs.last)
		can_say(dialect, &task);
	for (const char *const *option = offer->options; option && *option; option++) {
		char json[64];
		const char *value = strcmp(*option, "seed") == 0              ? "7"
		                    : strcmp(*option, "negative_prompt") == 0 ? "\"x\""
		                    : strcmp(*option, "extra") == 0           ? "{\"x_y\":1}"
		                                                              : "true";
		task = bare;
		snprintf(json, sizeof(json), "{\"%s\":%s}", *option, value);
		if (strcmp(*option, "aspect_ratio") == 0)
			task.aspect_ratio = "16:9";
		else
			task.options = json;
		can_say(dialect, &task);
	}
}

TEST(what_the_shipped_profiles_offer_they_can_ask_for)
{
	size_t all = 0;
	DIR *folder = opendir("conf/dialects");
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char name[64], why[256];
		size_t count = 0;
		if (sscanf(entry->d_name, "%63[a-z0-9-].json", name) != 1 || !strstr(entry->d_name, ".json"))
			continue;
		struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
		if (dialect == NULL)
			fail_msg("%s", why);
		const struct dialect_offer *offers = dialect_offers(dialect, &count);
		for (size_t i = 0; i < count; i++)
			can_say_offer(dialect, &offers[i]);
		all += count;
		dialect_free(dialect);
	}
	closedir(folder);
	assert_true(all > 20);
}

/* The wish of a task that the profile cannot say. */
static struct wish
wish_of(const char *name, const struct task *task)
{
	char why[256];
	struct wish wish;
	struct arena *arena = arena_new();
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	assert_non_null(dialect);
	const struct channel channel = {.name = "c", .dialect = dialect};
	assert_true(wish_unsaid(&channel, task, NULL, arena, &wish));
	dialect_free(dialect);
	arena_free(arena);
	return wish;
}

TEST(what_would_be_right_is_told_of_all_channels_together)
{
	const struct task size = {.prompt = "a", .model = "sora-2", .size = "1x1"};
	const struct task pro = {.prompt = "a", .model = "sora-2-pro", .size = "1x1"};
	const struct task seconds = {.prompt = "a", .model = "sora-2", .seconds = 5};
	const struct task hd = {.prompt = "a", .options = "{\"hd\":true}"};
	struct wish wish = {0}, other = wish_of("openai", &hd);
	assert_int_equal(other.allowed_at, 0);
	wish_join(&wish, &other);
	assert_string_equal(wish.field, "hd");
	other = wish_of("openai", &size);
	wish_join(&wish, &other);
	assert_string_equal(wish.why + wish.allowed_at, "720x1280, 1280x720");
	other = wish_of("openai", &pro);
	wish_join(&wish, &other);
	assert_string_equal(wish.why, "the model takes 720x1280, 1280x720, 1024x1792, 1792x1024");
	other = wish_of("openai", &seconds);
	assert_string_equal(other.why + other.allowed_at, "4, 8, 12");
	wish_join(&wish, &other);
	assert_string_equal(wish.field, "size");
	for (int i = 0; i < 100; i++) { /* what does not fit is left out whole */
		other = (struct wish){.field = "size", .allowed_at = 1};
		snprintf(other.why, sizeof(other.why), ":%dx%d", 1000 + i, i);
		wish_join(&wish, &other);
	}
	assert_in_range(strlen(wish.why), WISH_WHY_SIZE - 12, WISH_WHY_SIZE - 1);
	assert_null(strstr(wish.why, "1099x99"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_that_cannot_be_said_is_passed_over),
	    cmocka_unit_test(extra_buys_nothing_that_was_not_priced),
	    cmocka_unit_test(what_is_inherited_is_no_wish),
	    cmocka_unit_test(what_the_shipped_profiles_offer_they_can_ask_for),
	    cmocka_unit_test(what_would_be_right_is_told_of_all_channels_together),
	};
	return cmocka_run_group_tests_name("upstream/dialect/wish", tests, NULL, NULL);
}
