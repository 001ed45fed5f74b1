/* Arenas: alignment, zeroed memory, what a reset keeps and runs. */
#include <string.h>

#include "base/arena.h"
#include "support/test.h"

static char order[8];

static void
note(void *cookie)
{
	strncat(order, cookie, 1);
}

TEST(test_alloc_of_all_sizes)
{
	struct arena *arena = arena_new();

	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 300000; size = size * 3 / 2 + 1) {
			unsigned char *bytes = arena_alloc(arena, size);

			assert_non_null(bytes);
			assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(bytes[i], 0);
			memset(bytes, 0xAA, size);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

TEST(test_many_small_keep_their_contents)
{
	struct arena *arena = arena_new();
	uint32_t *numbers[20000];

	for (uint32_t i = 0; i < 20000; i++) {
		numbers[i] = arena_alloc(arena, sizeof **numbers);
		*numbers[i] = i;
	}
	for (uint32_t i = 0; i < 20000; i++)
		assert_int_equal(*numbers[i], i);
	arena_free(arena);
}

TEST(test_strings)
{
	struct arena *arena = arena_new();

	assert_string_equal(arena_strdup(arena, "prompt"), "prompt");
	assert_null(arena_strdup(arena, NULL));
	assert_false(arena_failed(arena));
	assert_string_equal(arena_strndup(arena, "prompt", 3), "pro");
	assert_string_equal(arena_strndup(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	for (int width = 254; width < 259; width++)
		assert_int_equal(strlen(arena_printf(arena, "%*d", width, 1)), width);
	char *wide = arena_printf(arena, "%9000d", 1);
	assert_int_equal(strlen(wide), 9000);
	arena_free(arena);
}

TEST(test_deferred_run_newest_first)
{
	struct arena *arena = arena_new();
	char a[] = "a", b[] = "b", c[] = "c";

	order[0] = '\0';
	assert_true(arena_defer(arena, note, a));
	assert_true(arena_defer(arena, note, b));
	arena_reset(arena);
	assert_string_equal(order, "ba");
	arena_reset(arena);
	assert_string_equal(order, "ba");
	assert_true(arena_defer(arena, note, c));
	arena_free(arena);
	assert_string_equal(order, "bac");
	arena_free(NULL);
}

TEST(test_shortage_sticks_until_reset)
{
	struct arena *arena = arena_new();

	assert_null(arena_alloc(arena, SIZE_MAX - 4));
	assert_true(arena_failed(arena));
	assert_non_null(arena_alloc(arena, 1));
	assert_true(arena_failed(arena));
	arena_reset(arena);
	assert_false(arena_failed(arena));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_alloc_of_all_sizes),
	    cmocka_unit_test(test_many_small_keep_their_contents),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_deferred_run_newest_first),
	    cmocka_unit_test(test_shortage_sticks_until_reset),
	};

	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
