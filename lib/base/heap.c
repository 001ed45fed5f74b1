/* A binary min-heap of pointers; every node knows its place, so that it can leave from the middle. */
#include "base/heap.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

static void
put_node(struct heap *heap, size_t at, struct heap_node *node)
{
	heap->nodes[at] = node;
	node->index = at + 1;
}

/* Moves the node at `at` up or down to where the order wants it. */
static void
sift(struct heap *heap, size_t at)
{
	struct heap_node *node = heap->nodes[at];

	while (at > 0 && heap->nodes[(at - 1) / 2]->key > node->key) {
		put_node(heap, at, heap->nodes[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < heap->count && heap->nodes[child + 1]->key < heap->nodes[child]->key)
			child++;
		if (child >= heap->count || heap->nodes[child]->key >= node->key)
			break;
		put_node(heap, at, heap->nodes[child]);
		at = child;
	}
	put_node(heap, at, node);
}

bool
heap_set(struct heap *heap, struct heap_node *node, int64_t key)
{
	if (node->index == 0 && heap->count == heap->capacity) {
		size_t capacity = heap->capacity ? heap->capacity * 2 : FIRST_CAPACITY;
		struct heap_node **nodes = reallocarray(heap->nodes, capacity, sizeof(struct heap_node *));

		if (!nodes)
			return false;
		heap->nodes = nodes;
		heap->capacity = capacity;
	}
	if (node->index == 0)
		put_node(heap, heap->count++, node);
	node->key = key;
	sift(heap, node->index - 1);
	return true;
}

void
heap_remove(struct heap *heap, struct heap_node *node)
{
	if (node->index == 0)
		return;
	size_t at = node->index - 1;
	struct heap_node *last = heap->nodes[--heap->count];
	node->index = 0;
	if (last == node)
		return;
	put_node(heap, at, last);
	sift(heap, at);
}

struct heap_node *
heap_min(const struct heap *heap)
{
	return heap->count > 0 ? heap->nodes[0] : NULL;
}

void
heap_free(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){0};
}
