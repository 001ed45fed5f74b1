/* Candidates: see candidates.h. Blocks are remembered, so that tasks may be asked for in any order. */
#include "store/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/gram.h"
#include "store/search.h"

enum {
	TRIED_BLOCKS = 4, /* in which all grams are looked up, to find the rarest */
	RAREST = 6,       /* of them, which are used in the others */
	SEEN_LEAST = 64
};

/* ---- grams ---- */

void
candidates_init(struct candidates *candidates, struct store *store, struct arena *arena,
                const struct fold_needle *needle)
{
	struct gram_before passed = {0};
	uint32_t grams[GRAM_MOST];
	*candidates = (struct candidates){.store = store, .arena = arena};
	for (size_t i = 0; i < needle->count; i++) {
		size_t count = gram_take(&passed, needle->text[i], grams);
		/* An ASCII character by itself tells least, and its pairs have it. */
		size_t first = needle->count > 1 && needle->text[i] < 0x80 ? 1 : 0;
		for (size_t g = first; g < count && candidates->gram_count < CANDIDATES_GRAMS; g++) {
			size_t at = 0;
			while (at < candidates->gram_count && candidates->grams[at].gram != grams[g])
				at++;
			candidates->grams[at].gram = grams[g];
			candidates->gram_count += at == candidates->gram_count;
		}
	}
}

static int
rarest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct wanted_gram *)a)->seen, y = ((const struct wanted_gram *)b)->seen;
	return x < y ? -1 : x > y;
}

/* Finds the tasks of the block that have the gram. */
static enum err_code
look_up(struct candidates *candidates, int64_t first_id, uint32_t gram, uint64_t *ret_tasks)
{
	size_t size = 0;
	uint64_t tasks = 0;
	struct query query = db_query(candidates->store, SQL_SEARCH_PART);
	db_int(&query, ":id", gram_row(first_id, gram_part(gram)));
	if (db_step(&query)) {
		const uint8_t *bits = db_column_blob(&query, 0, &size);
		tasks = bits != NULL ? gram_look_up(bits, size, gram) : 0;
	}
	candidates->work += CANDIDATES_PART;
	*ret_tasks = tasks;
	return db_end(&query);
}

/* In the first blocks every gram is looked up, so that the rarest are known; then those, as long as a task is
 * left. */
enum err_code
candidates_of_block(struct candidates *candidates, int64_t first_id, uint64_t *ret_tasks)
{
	bool trying = candidates->tried < TRIED_BLOCKS;
	struct wanted_gram *grams = candidates->grams;
	uint64_t left = UINT64_MAX, tasks = 0;
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < candidates->gram_count && err == ERR_OK; i++) {
		if (!trying && (left == 0 || i == RAREST))
			break;
		err = look_up(candidates, first_id, grams[i].gram, &tasks);
		left &= tasks;
		grams[i].seen += (uint64_t)__builtin_popcountll(tasks);
	}
	if (trying && ++candidates->tried == TRIED_BLOCKS)
		qsort(grams, candidates->gram_count, sizeof(grams[0]), rarest_first);
	*ret_tasks = left;
	return err;
}

/* ---- blocks that were looked at ---- */

static bool
has(const struct seen_block *block, int64_t user_id, int64_t id)
{
	return block->user_id == user_id && block->first_id <= id && id <= block->last_id;
}

/* The place of the first block behind the task. */
static size_t
place_behind(const struct candidates *candidates, int64_t user_id, int64_t id)
{
	size_t low = 0, high = candidates->seen_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct seen_block *block = &candidates->seen[middle];
		if (block->user_id < user_id || (block->user_id == user_id && block->first_id <= id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum err_code
make_room(struct candidates *candidates)
{
	if (candidates->seen_count < candidates->seen_cap)
		return ERR_OK;
	size_t cap = candidates->seen_cap > 0 ? 2 * candidates->seen_cap : SEEN_LEAST;
	struct seen_block *seen = arena_alloc(candidates->arena, cap * sizeof(*seen));
	if (seen == NULL)
		return db_fail(candidates->store, ERR_NO_MEMORY);
	if (candidates->seen_count > 0)
		memcpy(seen, candidates->seen, candidates->seen_count * sizeof(*seen));
	candidates->seen = seen;
	candidates->seen_cap = cap;
	return ERR_OK;
}

/* Looks at the block and remembers it, at this place. */
static enum err_code
see(struct candidates *candidates, int64_t user_id, const uint8_t *block, size_t size, size_t at)
{
	int64_t first_id = gram_id(block, 0);
	uint64_t tasks = 0;
	size_t count = 0;
	enum err_code err = candidates_of_block(candidates, first_id, &tasks);
	if (err == ERR_OK)
		err = make_room(candidates);
	if (err != ERR_OK)
		return err;
	int64_t *ids =
	    arena_alloc(candidates->arena, ((size_t)__builtin_popcountll(tasks) + 1) * sizeof(*ids));
	if (ids == NULL)
		return db_fail(candidates->store, ERR_NO_MEMORY);
	for (size_t n = 0; n < size; n++)
		if ((tasks >> n & 1) != 0)
			ids[count++] = gram_id(block, n);
	struct seen_block *place = candidates->seen + at;
	memmove(place + 1, place, (candidates->seen_count - at) * sizeof(*place));
	*place = (struct seen_block){user_id, first_id, gram_id(block, size - 1), ids, count};
	candidates->seen_count++;
	return ERR_OK;
}

/* Finds the task's block among those that were looked at; else where it belongs. */
static bool
was_seen(const struct candidates *candidates, int64_t user_id, int64_t id, size_t *ret_at)
{
	size_t at = candidates->last;
	if (at >= candidates->seen_count || !has(&candidates->seen[at], user_id, id)) {
		*ret_at = place_behind(candidates, user_id, id);
		if (*ret_at == 0 || !has(&candidates->seen[*ret_at - 1], user_id, id))
			return false;
		at = *ret_at - 1;
	}
	*ret_at = at;
	return true;
}

enum err_code
candidates_have(struct candidates *candidates, int64_t user_id, int64_t id, bool *ret_candidate)
{
	uint8_t ids[GRAM_BLOCK * sizeof(int64_t)];
	size_t at, size = 0;
	bool seen = was_seen(candidates, user_id, id, &at), candidate = false;
	enum err_code err = ERR_OK;
	if (!seen) {
		candidates->work += CANDIDATES_BLOCK;
		err = store_search_block(candidates->store, user_id, id, ids, &size);
	}
	if (size > 0 && err == ERR_OK && id <= gram_id(ids, size - 1)) {
		err = see(candidates, user_id, ids, size, at);
		seen = err == ERR_OK;
	}
	for (size_t i = 0; seen && i < candidates->seen[at].count && !candidate; i++)
		candidate = candidates->seen[at].ids[i] == id;
	candidates->last = at;
	*ret_candidate = candidate || !seen;
	return err;
}
