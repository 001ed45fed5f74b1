/* Memory by lifetime: a list of blocks that are filled from the front and freed together. A large allocation
 * gets a block of its own, so that the rest of the current block is not lost. Under AddressSanitizer all
 * memory that is not allocated is poisoned, so that overflows between neighbours are seen. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = alignof(max_align_t) };
#else
#define ASAN_POISON_MEMORY_REGION(bytes, size)   ((void)(bytes), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(bytes, size) ((void)(bytes), (void)(size))
enum { RED_ZONE = 0 };
#endif

enum {
	BLOCK_LEAST = 4 * 1024,
	BLOCK_MOST = 64 * 1024,
	PRINTED = 256 /* bytes of a text that is formatted once */
};

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *cookie);
	void *cookie;
};

struct arena {
	struct block *first;   /* kept by a reset */
	struct block *current; /* head of the blocks made after the first, or the first itself */
	struct block *own;     /* blocks of one allocation each */
	struct deferred *deferred;
	size_t next_size;
	bool failed;
};

struct arena *
arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->next_size = BLOCK_LEAST;
	return arena;
}

static void
free_blocks(struct block *block, const struct block *end)
{
	while (block != end) {
		struct block *next = block->next;

		ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
		free(block);
		block = next;
	}
}

void
arena_reset(struct arena *arena)
{
	while (arena->deferred) {
		struct deferred deferred = *arena->deferred;

		arena->deferred = deferred.next;
		deferred.fn(deferred.cookie);
	}
	free_blocks(arena->own, NULL);
	free_blocks(arena->current, arena->first);
	arena->own = NULL;
	arena->current = arena->first;
	arena->next_size = BLOCK_LEAST;
	arena->failed = false;
	if (arena->first) {
		arena->first->used = 0;
		arena->next_size *= 2;
		ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->size);
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free_blocks(arena->first, NULL);
	free(arena);
}

static struct block *
add_block(struct arena *arena, size_t size, struct block **list)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (block == NULL) {
		arena->failed = true;
		return NULL;
	}
	block->next = *list;
	block->size = size;
	block->used = 0;
	*list = block;
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	return block;
}

/* The block that takes `room` bytes, a new one if need be. */
static struct block *
block_for(struct arena *arena, size_t room)
{
	struct block *block = arena->current;

	if (block && room <= block->size - block->used)
		return block;
	if (room > arena->next_size / 2)
		return add_block(arena, room, &arena->own);
	block = add_block(arena, arena->next_size, &arena->current);
	if (block && !arena->first)
		arena->first = block;
	if (block && arena->next_size < BLOCK_MOST)
		arena->next_size *= 2;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > SIZE_MAX / 2) {
		arena->failed = true;
		return NULL;
	}
	size_t room = (size + !size + align - 1) / align * align + RED_ZONE;
	struct block *block = block_for(arena, room);
	if (block == NULL)
		return NULL;
	unsigned char *bytes = block->bytes + block->used;
	block->used += room;
	ASAN_UNPOISON_MEMORY_REGION(bytes, size);
	return memset(bytes, 0, size);
}

char *
arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;

	if (copy && len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *s)
{
	return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char small[PRINTED];

	va_start(args, format);
	int len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
	if (text == NULL) {
		arena->failed = true;
		return NULL;
	}
	if ((size_t)len < sizeof(small))
		return memcpy(text, small, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

bool
arena_defer(struct arena *arena, void (*fn)(void *cookie), void *cookie)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	if (deferred == NULL) {
		fn(cookie);
		return false;
	}
	*deferred = (struct deferred){.next = arena->deferred, .fn = fn, .cookie = cookie};
	arena->deferred = deferred;
	return true;
}

bool
arena_failed(const struct arena *arena)
{
	return arena->failed;
}
