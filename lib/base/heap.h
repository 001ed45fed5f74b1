/* A binary min-heap of intrusive nodes, for timers: no allocation to wait.
 * Insert and remove cost O(log n); the owner of a node keeps it alive while it is in the heap. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;  /* what the heap orders by */
	size_t index; /* place in the heap plus one; 0 = not in a heap */
};

struct heap {
	struct heap_node **nodes;
	size_t count;
	size_t capacity;
};

/* Puts `node` in with `key`, or moves it there if it is in already. False when memory is short; then
 * the node is where it was. */
bool heap_set(struct heap *heap, struct heap_node *node, int64_t key);

/* Takes `node` out; nothing happens where it is not in. */
void heap_remove(struct heap *heap, struct heap_node *node);

/* The node with the least key, left in; NULL where the heap is empty. */
struct heap_node *heap_min(const struct heap *heap);

/* Frees the heap's own memory, not the nodes. */
void heap_free(struct heap *heap);

#endif
