/* Tables of a fixed size, of which little is used most of the time: only what was ever touched takes memory.
 * calloc() would write zeros over all of it where the heap has room. */
#ifndef BASE_SPARSE_H
#define BASE_SPARSE_H

#include <stddef.h>

/* Makes a table of `size` bytes, all 0, in pages of its own; to be freed with sparse_free(). NULL when memory
 * is short. */
void *sparse_new(size_t size);

/* Frees what sparse_new() has made with this size. NULL is fine. */
void sparse_free(void *table, size_t size);

#endif
