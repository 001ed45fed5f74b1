/* The heap against a plain search through an array, with sets, moves and removals in any order. */

#include "base/heap.h"
#include "support/test.h"

enum { NODES = 500 };

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
check(const struct heap *heap, const struct heap_node *nodes)
{
	const struct heap_node *least = NULL;
	size_t count = 0;

	for (size_t i = 0; i < NODES; i++) {
		if (nodes[i].index == 0)
			continue;
		count++;
		assert_ptr_equal(heap->nodes[nodes[i].index - 1], &nodes[i]);
		if (!least || nodes[i].key < least->key)
			least = &nodes[i];
	}
	assert_int_equal(heap->count, count);
	if (!least)
		assert_null(heap_min(heap));
	else
		assert_int_equal(heap_min(heap)->key, least->key);
}

TEST(test_against_a_search)
{
	static struct heap_node nodes[NODES];
	struct heap heap = {0};
	uint32_t seed = 1;

	for (int step = 0; step < 20000; step++) {
		struct heap_node *node = &nodes[next_random(&seed) % NODES];

		if (next_random(&seed) % 3 == 0)
			heap_remove(&heap, node);
		else
			assert_true(heap_set(&heap, node, (int64_t)(next_random(&seed) % 1000) - 500));
		if (step % 50 == 0)
			check(&heap, nodes);
	}
	check(&heap, nodes);
	for (int64_t last = INT64_MIN; heap.count > 0;) {
		struct heap_node *least = heap_min(&heap);

		assert_true(least->key >= last);
		last = least->key;
		heap_remove(&heap, least);
		assert_int_equal(least->index, 0);
		heap_remove(&heap, least);
	}
	assert_null(heap_min(&heap));
	heap_free(&heap);
	heap_free(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_a_search)};

	return cmocka_run_group_tests_name("base/heap", tests, NULL, NULL);
}
