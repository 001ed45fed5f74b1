/* A binary min-heap of intrusive nodes, for timers. To insert and to remove cost O(log n). The caller keeps a
 * node alive while it is in the heap; a heap belongs to one thread at a time. */
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

/* Inserts `node` with `key`, or gives it that key where it is in already. False when memory is short: nothing
 * has changed then. Cannot fail for a node that is in already. */
bool heap_set(struct heap *heap, struct heap_node *node, int64_t key);

/* Removes `node`; nothing happens where it is not in. */
void heap_remove(struct heap *heap, struct heap_node *node);

/* Returns the node with the least key, without removing it; NULL where the heap is empty. */
struct heap_node *heap_min(const struct heap *heap);

/* Frees the heap's own memory, not the nodes. */
void heap_free(struct heap *heap);

#endif
