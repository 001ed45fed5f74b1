/* What a profile says that models can make. */
#include <string.h>

#include "support/test.h"
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
	assert_ptr_equal(dialect_offer_of(d, "v/1"), &offers[0]);
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
	assert_null(dialect_offer_of(d, "v3"));
	assert_null(dialect_offer_of(d, NULL));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_are_read_as_they_stand),
	    cmocka_unit_test(an_offer_that_cannot_be_is_named),
	};
	return cmocka_run_group_tests_name("upstream/dialect/offer", tests, NULL, NULL);
}
