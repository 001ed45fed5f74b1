/* What can be made, by the shipped profiles. */
#include "domain/channel/catalogue.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "domain/channel/channels.h"
#include "model/channel.h"
#include "model/channel_row.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/test.h"

static struct config
configured(const char *dialect, const char *models)
{
	return (struct config){.upstream_base = "https://api.example.com",
	                       .upstream_key = "secret",
	                       .upstream_dialect = dialect,
	                       .upstream_models = models,
	                       .billing = "off",
	                       .upstream_idempotency = "off",
	                       .upstream_private = "on"};
}

static struct catalogue
read_catalogue(const struct config *config, struct store *store, struct arena *arena)
{
	char why[256];
	struct catalogue catalogue;
	struct channels *channels = channels_open(config, "conf/dialects", why, sizeof(why));
	if (channels == NULL)
		fail_msg("%s", why);
	if (store != NULL)
		channels_refresh(channels, store);
	assert_int_equal(catalogue_read(channels, arena, &catalogue), ERR_OK);
	channels_close(channels);
	return catalogue;
}

static const struct ability *
ability_of(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->models[i].name, name) == 0)
			return &catalogue->models[i].ability;
	fail_msg("there is no %s", name);
	return NULL;
}

/* Compares a list with words that blanks separate; NULL is NULL. */
static void
assert_words(const char *const *list, const char *words)
{
	char text[1000] = "";
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, list[i]);
	}
	assert_string_equal(text, words);
}

TEST(what_a_profile_offers_can_be_made)
{
	struct arena *arena = arena_new();
	struct config config = configured("veo", "");
	struct catalogue all = read_catalogue(&config, NULL, arena);
	const struct ability *veo = ability_of(&all, "veo-3.1-lite-generate-preview");
	assert_int_equal(all.count, 5);
	assert_true(all.open);
	assert_string_equal(veo->label, "Veo 3.1 Lite");
	assert_words(veo->sizes, "1280x720 720x1280 1920x1080 1080x1920");
	assert_int_equal(veo->second_count, 3);
	assert_int_equal(veo->seconds[2], 8);
	assert_true(veo->first && veo->last && !veo->image);
	assert_int_equal(veo->most, 2);
	assert_words(veo->options, "aspect_ratio negative_prompt seed extra");
	arena_free(arena);
}

TEST(what_nothing_is_offered_for_is_the_default)
{
	struct arena *arena = arena_new();
	struct config config = configured("openai-basic", "");
	struct catalogue all = read_catalogue(&config, NULL, arena);
	const struct ability *model = ability_of(&all, MODEL_DEFAULT);
	assert_int_equal(all.count, 1);
	assert_true(all.open);
	assert_null(model->label);
	assert_null(model->sizes);
	assert_null(model->seconds);
	assert_true(model->first && !model->last && !model->image);
	assert_int_equal(model->most, 1);
	assert_words(model->options, "negative_prompt seed");
	arena_free(arena);
}

TEST(an_operators_list_restricts_and_renames)
{
	struct arena *arena = arena_new();
	struct config config = configured("openai", "short=sora-2 own");
	struct catalogue all = read_catalogue(&config, NULL, arena);
	assert_int_equal(all.count, 2);
	assert_false(all.open);
	assert_string_equal(ability_of(&all, "short")->label, "Sora 2");
	assert_words(ability_of(&all, "short")->sizes, "720x1280 1280x720");
	assert_null(ability_of(&all, "own")->label);
	assert_null(ability_of(&all, "own")->sizes);
	arena_free(arena);
}

TEST(what_cannot_be_said_is_an_empty_list)
{
	struct arena *arena = arena_new();
	struct config config = configured("siliconflow", "m");
	struct catalogue all = read_catalogue(&config, NULL, arena);
	const struct ability *model = ability_of(&all, "m");
	assert_words(model->sizes, "1280x720 720x1280 960x960");
	assert_non_null(model->seconds);
	assert_int_equal(model->second_count, 0);
	arena_free(arena);
}

/* A name in the path has to be there. */
TEST(no_default_where_a_model_must_be_named)
{
	struct arena *arena = arena_new();
	struct config config = configured("fal", "");
	struct catalogue all = read_catalogue(&config, NULL, arena);
	for (size_t i = 0; i < all.count; i++)
		assert_string_not_equal(all.models[i].name, MODEL_DEFAULT);
	assert_true(all.count > 0);
	arena_free(arena);
}

static void
add(struct store *store, const char *name, const char *dialect, const char *models)
{
	struct channel_row row = channel_row_new(name);
	row.base = "https://other.example.com";
	row.dialect = dialect;
	row.models = models;
	assert_int_equal(store_begin(store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_end(store, store_channel_put(store, &row)), ERR_OK);
}

TEST(a_model_can_what_any_of_its_channels_can)
{
	struct stores *s = stores_new();
	struct config config = configured("openai", "m=sora-2");
	config.data = s->dir;
	add(s->store, "a", "veo", "m=veo-3.1-generate-preview");
	add(s->store, "b", "openai", ""); /* may make what no other lists */
	struct catalogue all = read_catalogue(&config, s->store, s->arena);
	const struct ability *both = ability_of(&all, "m");
	assert_string_equal(both->label, "Sora 2");
	assert_words(both->sizes, "720x1280 1280x720 1920x1080 1080x1920 3840x2160 2160x3840");
	assert_int_equal(both->second_count, 4);
	assert_int_equal(both->seconds[3], 6);
	assert_true(both->image && both->first && both->last);
	assert_int_equal(both->most, 3);
	assert_int_equal(all.count, 3);
	ability_of(&all, "sora-2-pro");
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_profile_offers_can_be_made),
	    cmocka_unit_test(what_nothing_is_offered_for_is_the_default),
	    cmocka_unit_test(an_operators_list_restricts_and_renames),
	    cmocka_unit_test(what_cannot_be_said_is_an_empty_list),
	    cmocka_unit_test(no_default_where_a_model_must_be_named),
	    cmocka_unit_test(a_model_can_what_any_of_its_channels_can),
	};
	return cmocka_run_group_tests_name("domain/channel/catalogue", tests, NULL, NULL);
}
