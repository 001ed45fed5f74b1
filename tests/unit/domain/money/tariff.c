/* Which rule a video is priced by, and what may be set. */
#include "domain/money/tariff.h"

#include <string.h>

#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

static struct tariff
rule(const char *model, const char *job, const char *size, const char *image)
{
	return (struct tariff){.channel = "",
	                       .model = model,
	                       .job = job,
	                       .size = size,
	                       .image = image,
	                       .audio = "any",
	                       .rate = {.step_seconds = 1},
	                       .default_size = "",
	                       .created_by = "test"};
}

TEST(the_most_specific_rule_prices)
{
	struct tariff items[] = {
	    rule("*", "any", "any", "any"),
	    rule("wan*", "any", "any", "any"),
	    rule("wan-2*", "any", "any", "any"),
	    rule("wan-2.5", "any", "any", "any"),
	    rule("wan-2.5", "remix", "any", "any"),
	    rule("wan-2.5", "any", "1080p", "any"),
	    rule("wan-2.5", "any", "1792x1024", "any"),
	    rule("wan-2.5", "any", "1080p", "yes"),
	    rule("", "any", "any", "any"),
	    rule("loud", "any", "any", "any"),
	    rule("loud", "any", "any", "any"),
	    rule("seen", "any", "any", "any"),
	    rule("seen", "any", "any", "any"),
	    rule("wan-2.5", "remix", "1080p", "no"),
	};
	items[10].audio = "yes";
	items[12].images = 3;
	const struct tariffs tariffs = {items, sizeof(items) / sizeof(items[0])};
	static const struct {
		struct priced priced;
		int wanted;
	} rows[] = {
	    {{"sora", "create", "", 0, false, "", 0, NULL}, 0},
	    {{"wan", "create", "1280x720", 0, false, "", 0, NULL}, 1},
	    {{"wan-2.6", "create", "", 0, false, "", 0, NULL}, 2},
	    {{"wan-2.5", "create", "", 0, false, "", 0, NULL}, 3},
	    {{"wan-2.5", "edit", "1280x720", 0, true, "yes", 0, NULL}, 3},
	    {{"wan-2.5", "remix", "1280x720", 0, false, "", 0, NULL}, 4},
	    {{"wan-2.5", "create", "1920x1080", 0, false, "", 0, NULL}, 5},
	    {{"wan-2.5", "create", "1080x1920", 0, false, "", 0, NULL}, 5},
	    {{"wan-2.5", "create", "1792x1024", 0, false, "", 0, NULL}, 6},
	    {{"wan-2.5", "create", "01792x1024", 0, false, "", 0, NULL}, 6}, /* however it is written */
	    {{"wan-2.5", "create", "1024x1792", 0, false, "", 0, NULL}, 5},
	    {{"wan-2.5", "create", "1792x1024", 0, true, "", 0, NULL},
	     6}, /* the size goes before the image */
	    {{"wan-2.5", "create", "1920x1080", 0, true, "", 0, NULL}, 7},
	    {{"wan-2.5", "remix", "1920x1080", 0, false, "", 0, NULL}, 13},
	    {{"wan-2.5", "remix", "1920x1080", 0, true, "", 0, NULL}, 4}, /* the job goes before the size */
	    {{"", "create", "", 0, false, "", 0, NULL}, 8},
	    {{"loud", "create", "", 0, false, "", 0, NULL}, 9},
	    {{"loud", "create", "", 0, false, "no", 0, NULL}, 9},
	    {{"loud", "create", "", 0, false, "yes", 0, NULL}, 10},
	    {{"seen", "create", "", 0, true, "", 2, NULL}, 11},
	    {{"seen", "create", "", 0, true, "", 3, NULL}, 12},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct tariff *found = tariff_choose(&tariffs, &rows[i].priced);
		if (found != &items[rows[i].wanted])
			fail_msg("row %zu: %d", i, found != NULL ? (int)(found - items) : -1);
	}
	/* In whatever order they come. */
	struct tariff swapped[] = {items[3], items[2], items[0]};
	const struct tariffs back = {swapped, 3};
	assert_ptr_equal(tariff_choose(&back, &rows[3].priced), &swapped[0]);
	const struct tariffs none = {items + 3, 1};
	assert_null(tariff_choose(&none, &rows[0].priced));
}

TEST(what_cannot_be_is_not_set)
{
	const struct tariff good = rule("wan*", "any", "any", "any");
	const char *field = NULL;
	assert_null(tariff_fault(&good, &field));
#define WRONG(member, value, name)                                                                           \
	do {                                                                                                 \
		struct tariff wrong = good;                                                                  \
		wrong.member = value;                                                                        \
		assert_non_null(tariff_fault(&wrong, &field));                                               \
		assert_string_equal(field, name);                                                            \
	} while (0)
	WRONG(model, "w*n", "model");
	WRONG(model, "**", "model");
	WRONG(model, "wan\n", "model");
	WRONG(job, "upscale", "job");
	WRONG(size, "540p", "size");
	WRONG(size, "1280x", "size");
	WRONG(size, " 1280x720", "size");
	WRONG(size, "01280x720", "size");
	WRONG(size, "1280x+720", "size");
	WRONG(image, "maybe", "image");
	WRONG(audio, "", "audio");
	WRONG(images, -1, "images");
	WRONG(images, 10, "images");
	WRONG(rate.flat, -1, "flat");
	WRONG(rate.per_second, AMOUNT_MOST + 1, "per_second");
	WRONG(rate.min_seconds, 3601, "min_seconds");
	WRONG(rate.step_seconds, -1, "step_seconds");
	WRONG(max_seconds, -1, "max_seconds");
	WRONG(default_seconds, 3601, "default_seconds");
	WRONG(default_size, "720p", "default_size");
	WRONG(default_size, "1280x0720", "default_size");
	struct tariff longer = good;
	longer.max_seconds = 10;
	longer.default_seconds = 11;
	assert_non_null(tariff_fault(&longer, &field));
}

static struct stores *s;

static int64_t
set(int64_t flat, int64_t from, int64_t now, enum err_code wanted)
{
	struct tariff tariff = rule("wan", "any", "any", "any");
	int64_t id = 0;
	tariff.rate.flat = flat;
	tariff.valid_from = from;
	tariff.created_at = now;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_tariff_add(s->store, &tariff, &id), wanted);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return id;
}

static void
end(int64_t id, int64_t now, enum err_code wanted)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_tariff_end(s->store, s->arena, id, now), wanted);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

/* What the price is where it is that time now; -1 = there is none. */
static int64_t
at(int64_t time)
{
	struct tariffs tariffs;
	assert_int_equal(store_tariff_valid(s->store, s->arena, "", "wan", time, &tariffs), ERR_OK);
	assert_true(tariffs.count <= 1);
	return tariffs.count == 1 ? tariffs.items[0].rate.flat : -1;
}

TEST(a_new_price_is_a_new_row)
{
	s = stores_new();
	set(1, 1000, 500, ERR_OK);
	assert_int_equal(at(999), -1);
	assert_int_equal(at(1000), 1);
	set(2, 0, 2000, ERR_OK);
	int64_t later = set(4, 4000, 2000, ERR_OK);
	set(3, 3000, 2000, ERR_OK);
	const int64_t wanted[] = {2, 3, 4, 4};
	for (int64_t i = 0; i < 4; i++)
		assert_int_equal(at((i + 2) * 1000), wanted[i]);
	set(5, 3000, 2000, ERR_CONFLICT);        /* a tie */
	int64_t twice = set(6, 0, 2000, ERR_OK); /* in the same millisecond it follows */
	assert_int_equal(at(2001), 6);
	assert_int_equal(at(3000), 3);
	/* What has not begun never does, and what was before it goes on. */
	end(later, 2500, ERR_OK);
	assert_int_equal(at(5000), 3);
	end(twice, 2500, ERR_OK);
	assert_int_equal(at(2500), -1);
	assert_int_equal(at(3000), 3);
	end(twice, 2600, ERR_NOT_FOUND);
	end(99, 2600, ERR_NOT_FOUND);
	assert_int_equal(raw_number(s->store, "SELECT count(*) FROM tariff"), 5);
	stores_free(s);
}

/* What was to count at once, or to end at once, has: it does not wait until the clock comes there again. */
TEST(the_clock_may_be_set_back)
{
	s = stores_new();
	int64_t ended = set(1, 0, 9000, ERR_OK);
	assert_int_equal(at(1000), 1);
	int64_t planned = set(2, 8000, 1000, ERR_OK);
	const struct {
		int64_t at, price;
	} follows[] = {{1000, 1}, {7999, 1}, {8000, 2}, {9000, 2}, {9900, 2}};
	for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++)
		assert_int_equal(at(follows[i].at), follows[i].price);
	end(planned, 1000, ERR_OK);
	assert_int_equal(at(8500), 1);
	set(2, 8000, 1000, ERR_CONFLICT);
	set(2, 8001, 1000, ERR_OK);
	end(ended, 1000, ERR_OK);
	end(ended, 1000, ERR_NOT_FOUND);
	assert_int_equal(at(1000), -1);
	assert_int_equal(at(8000), -1);
	assert_int_equal(at(9000), 2);
	set(3, 0, 9500, ERR_OK);
	set(4, 0, 1000, ERR_OK);
	set(5, 0, 1000, ERR_OK);
	int64_t last = set(6, 0, 1000, ERR_OK);
	const int64_t times[] = {1, 1000, 8000, 8500, 9000, 9500, 9600};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(at(times[i]), 6);
	end(last, 1000, ERR_OK);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(at(times[i]), -1);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_most_specific_rule_prices),
	    cmocka_unit_test(what_cannot_be_is_not_set),
	    cmocka_unit_test(a_new_price_is_a_new_row),
	    cmocka_unit_test(the_clock_may_be_set_back),
	};
	return cmocka_run_group_tests_name("domain/money/tariff", tests, NULL, NULL);
}
