/* Tables of which only what is touched takes memory: see sparse.h. */
#include "base/sparse.h"

#include <sys/mman.h>

void *
sparse_new(size_t size)
{
	void *table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return table != MAP_FAILED ? table : NULL;
}

void
sparse_free(void *table, size_t size)
{
	if (table != NULL)
		munmap(table, size);
}
