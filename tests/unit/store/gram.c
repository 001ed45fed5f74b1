/* The pieces of text that the index knows. */
#include <string.h>

#include "base/fold.h"
#include "store/gram.h"
#include "support/test.h"

enum { MANY = 1000 };

static size_t
grams_of(const char *text, uint32_t grams[MANY])
{
	struct gram_before before = {0};
	size_t count = 0;
	uint32_t c;
	while ((c = fold_next(&text)) != 0) {
		count += gram_take(&before, c, grams + count);
		assert_true(count + GRAM_MOST <= MANY);
	}
	return count;
}

static bool
has(const uint32_t *grams, size_t count, uint32_t gram)
{
	for (size_t i = 0; i < count; i++)
		if (grams[i] == gram)
			return true;
	return false;
}

TEST(text_has_the_grams_of_what_it_contains)
{
	static const char *const pairs[][2] = {
	    {"A red cat, 夕阳下的猫 and 🎥", "D CAT, 夕"}, {"夕阳下的猫", "阳下"}, {"🎥🎥x", "🎥X"}, {"ab", "B"}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint32_t whole[MANY], part[MANY];
		size_t count = grams_of(pairs[i][0], whole), parts = grams_of(pairs[i][1], part);
		assert_true(parts > 0);
		for (size_t p = 0; p < parts; p++)
			assert_true(has(whole, count, part[p]));
	}
}

TEST(pairs_of_ascii_and_characters_are_exact)
{
	static uint32_t seen[0x10000 + 128 * 128];
	size_t count = 0;
	uint32_t grams[GRAM_MOST];
	for (uint32_t c = 1; c < 0x10000; c++) {
		struct gram_before before = {0};
		assert_int_equal(gram_take(&before, c, grams), 1);
		seen[count++] = grams[0];
	}
	for (uint32_t a = 1; a < 128; a++) {
		for (uint32_t b = 1; b < 128; b++) {
			struct gram_before before = {0};
			gram_take(&before, a, grams);
			assert_int_equal(gram_take(&before, b, grams), 2);
			seen[count++] = grams[1];
		}
	}
	/* As many as there are: the spreading has an inverse. */
	for (size_t i = 0; i < count; i++) {
		uint32_t plain = seen[i] * 244002641u;
		assert_int_equal(plain * 2654435761u, seen[i]);
		assert_int_equal(plain, i < 0xFFFF ? i + 1
		                                   : 0x10000 + (i - 0xFFFF) / 127 * 128 + 128 + 1 +
		                                         (i - 0xFFFF) % 127);
	}
}

/* 0 stands for none where a block is made. */
TEST(no_gram_is_nothing)
{
	static const uint32_t before[] = {0, 'a', 0x732B, 0x20000};
	uint32_t grams[GRAM_MOST];
	for (size_t a = 0; a < 4; a++) {
		for (size_t b = 0; b < 4; b++) {
			for (uint32_t c = 1; c < 0x110000; c++) {
				struct gram_before passed = {before[a], before[b]};
				size_t count = gram_take(&passed, c, grams);
				for (size_t i = 0; i < count; i++)
					if (grams[i] == 0)
						fail_msg("U+%04X has no gram", c);
			}
		}
	}
}

TEST(part_is_looked_up_and_forgotten)
{
	uint8_t part[5 * GRAM_ENTRY];
	for (uint32_t i = 0; i < 5; i++)
		gram_put(part + i * GRAM_ENTRY, 10 * i + 10, i == 2 ? 1ull << 63 : 1ull << 63 | 1ull << i);
	assert_true(gram_look_up(part, sizeof(part), 10) == (1ull << 63 | 1));
	assert_true(gram_look_up(part, sizeof(part), 50) == (1ull << 63 | 1 << 4));
	assert_true(gram_look_up(part, sizeof(part), 5) == 0 && gram_look_up(part, sizeof(part), 55) == 0);
	assert_true(gram_look_up(part, sizeof(part), 31) == 0 && gram_look_up(part, 0, 10) == 0);
	assert_int_equal(gram_forget(part, sizeof(part), 5), sizeof(part));
	assert_int_equal(gram_forget(part, sizeof(part), 63), 4 * GRAM_ENTRY);
	assert_true(gram_look_up(part, 4 * GRAM_ENTRY, 30) == 0);
	assert_true(gram_look_up(part, 4 * GRAM_ENTRY, 40) == 1 << 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_has_the_grams_of_what_it_contains),
	    cmocka_unit_test(pairs_of_ascii_and_characters_are_exact),
	    cmocka_unit_test(no_gram_is_nothing),
	    cmocka_unit_test(part_is_looked_up_and_forgotten),
	};
	return cmocka_run_group_tests_name("store/gram", tests, NULL, NULL);
}
