/* What a profile says that models can make. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "support/test.h"
#include "support/tmpdir.h"
#include "upstream/dialect/dialect.h"

#define WITH_OFFERS(offers)                                                                                  \
	"{\"offers\":" offers ",\"auth\":{\"header\":\"A\"},\"submit\":{\"path\":\"/v\",\"body\":\"json\","  \
	"\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},\"poll\":{\"path\":\"/v/"                         \
	"{id}\",\"accepted\":[200]},"                                                                        \
	"\"content\":{\"path\":\"/c/{id}\"},\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"]},"              \
	"\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}"

static char why[512];

static struct dialect *
parse(const char *json)
{
	return dialect_parse("test", json, strlen(json), why, sizeof(why));
}

TEST(offers_are_read_as_they_stand)
{
	size_t count;
	struct dialect *d = parse(WITH_OFFERS(
	    "[{\"name\":\"v/1\",\"label\":\"V \u4e00\",\"sizes\":[\"1280x720\"],\"seconds\":[4,8],"
	    "\"inputs\":{\"first\":true,\"last\":true,\"most\":2},\"options\":[\"seed\",\"audio\"]},"
	    "{\"name\":\"v2\",\"inputs\":{\"image\":true}}]"));
	if (!d)
		fail_msg("%s", why);
	const struct dialect_offer *offers = dialect_offers(d, &count);
	assert_int_equal(count, 2);
	const struct channel channel = {.name = "c", .dialect = d};
	assert_ptr_equal(channel_offer_of(&channel, "v/1"), &offers[0]);
	assert_string_equal(offers[0].label, "V 一");
	assert_string_equal(offers[0].sizes[0], "1280x720");
	assert_null(offers[0].sizes[1]);
	assert_int_equal(offers[0].second_count, 2);
	assert_int_equal(offers[0].seconds[1], 8);
	assert_true(offers[0].inputs.first && offers[0].inputs.last && !offers[0].inputs.image);
	assert_int_equal(offers[0].inputs.most, 2);
	assert_string_equal(offers[0].options[1], "audio");
	assert_string_equal(offers[1].label, "v2");
	assert_null(offers[1].seconds);
	assert_int_equal(offers[1].inputs.most, 1);
	assert_null(channel_offer_of(&channel, "v3"));
	assert_null(channel_offer_of(&channel, NULL));
	dialect_free(d);
}

TEST(an_offer_that_cannot_be_is_named)
{
	static const struct {
		const char *json, *named;
	} flaws[] = {
	    {WITH_OFFERS("{}"), "offers must be a list"},
	    {WITH_OFFERS("[7]"), "offers.0 must be an object"},
	    {WITH_OFFERS("[{\"label\":\"a\"}]"), "offers.0 must have a \"name\""},
	    {WITH_OFFERS("[{\"name\":\"a\"},{\"name\":\"a\"}]"), "offers.1 offers \"a\" a second time"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"size\":[]}]"),
	     "offers.0.size is an unknown key; there are name"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"label\":\"\"}]"), "offers.0.label must be"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"sizes\":[\"720p\"]}]"), "\"720p\", which is no size like"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"sizes\":\"1x1\"}]"), "offers.0.sizes must be a list"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"seconds\":[\"8\"]}]"), "offers.0.seconds must hold whole"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"seconds\":[0]}]"), "offers.0.seconds must hold whole"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"inputs\":{\"image\":1}}]"), "inputs.image must be true"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"inputs\":{\"most\":99}}]"), "inputs.most must be a whole"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"inputs\":{\"middle\":true}}]"), "inputs.middle is an unknown"},
	    {WITH_OFFERS("[{\"name\":\"a\",\"options\":[\"style\"]}]"), "\"style\", which is no option"},
	};
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		if (parse(flaws[i].json) != NULL)
			fail_msg("taken: %s", flaws[i].json);
		if (!strstr(why, flaws[i].named))
			fail_msg("%s gave: %s", flaws[i].json, why);
	}
}

TEST(offers_of_a_channel_go_before_those_of_its_dialect)
{
	char path[300];
	size_t count;
	struct dialect_offers own;
	char *dir = tmpdir_make();
	struct arena *arena = arena_new();
	struct dialect *d = parse(WITH_OFFERS("[{\"name\":\"v1\"},{\"name\":\"v2\"}]"));
	struct channel channel = {.name = "c", .dialect = d};
	snprintf(path, sizeof(path), "%s/c.json", dir);
	assert_int_equal(dialect_load_offers(arena, path, &own, why, sizeof(why)), ERR_NOT_FOUND);
	tmpdir_write(dir, "c.json", "[{\"name\":\"v2\",\"seconds\":[7]}]");
	assert_int_equal(dialect_load_offers(arena, path, &own, why, sizeof(why)), ERR_OK);
	assert_null(channel_offer_of(&channel, "v2")->seconds);
	channel.offers = &own;
	assert_int_equal(channel_offer_of(&channel, "v2")->seconds[0], 7);
	assert_null(channel_offer_of(&channel, "v1"));
	channel_offers(&channel, &count);
	assert_int_equal(count, 1);
	static const char *const flaws[][2] = {{"[\n{", "c.json:2: is not valid JSON"},
	                                       {"{}", "must be a list"},
	                                       {"[{\"name\":\"a\",\"size\":1}]", "0.size is an unknown"}};
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		tmpdir_write(dir, "c.json", flaws[i][0]);
		assert_true(dialect_load_offers(arena, path, &own, why, sizeof(why)) != ERR_OK);
		if (!strstr(why, flaws[i][1]) || !strstr(why, path))
			fail_msg("%s gave: %s", flaws[i][0], why);
	}
	dialect_free(d);
	arena_free(arena);
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_are_read_as_they_stand),
	    cmocka_unit_test(an_offer_that_cannot_be_is_named),
	    cmocka_unit_test(offers_of_a_channel_go_before_those_of_its_dialect),
	};
	return cmocka_run_group_tests_name("upstream/dialect/offer", tests, NULL, NULL);
}
