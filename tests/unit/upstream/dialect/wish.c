/* What is asked for and cannot be said, by the shipped profiles. */
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
    {"seedance", {.prompt = "a", .size = "1280x720", .aspect_ratio = "1:1", .seconds = 5}, NULL},
    {"seedance", {.prompt = "a", .options = "{\"hd\":true}"}, "hd"},
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

/* A remix has its source's model and shape; what differs is a wish. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_that_cannot_be_said_is_passed_over),
	    cmocka_unit_test(what_is_inherited_is_no_wish),
	};
	return cmocka_run_group_tests_name("upstream/dialect/wish", tests, NULL, NULL);
}
