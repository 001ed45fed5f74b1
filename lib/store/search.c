/* The index of prompts: makes blocks, takes tasks out of them, and compares them with the prompts. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fold.h"
#include "store/db.h"
#include "store/gram.h"
#include "store/search.h"

enum {
	CHANGES = 1000,           /* that are looked at for a user in want of a block, at a time */
	KNOWN = 64,               /* users that a look remembers */
	BLOCK_BYTES = 512 * 1024, /* of prompts: a block that has them is full */
	TABLE_LEAST = 1 << 13
};

struct entry {
	uint32_t gram; /* 0 = none is here */
	uint64_t tasks;
};

/* A block that is being made: a hash table of its grams, which write_parts() sorts. */
struct block {
	struct arena *arena;
	struct entry *entries;
	size_t cap, count; /* cap: a power of two */
	uint8_t ids[GRAM_BLOCK * sizeof(int64_t)];
	size_t tasks;
};

/* ---- making a block ---- */

/* The place of the gram, or the empty one where it belongs. */
static struct entry *
place_of(struct entry *entries, size_t cap, uint32_t gram)
{
	size_t at = (gram >> 7) & (cap - 1);
	while (entries[at].gram != 0 && entries[at].gram != gram)
		at = (at + 1) & (cap - 1);
	return &entries[at];
}

static bool
grow(struct block *block)
{
	size_t cap = block->cap > 0 ? 2 * block->cap : TABLE_LEAST;
	struct entry *entries = arena_alloc(block->arena, cap * sizeof(*entries));
	if (entries == NULL)
		return false;
	for (size_t i = 0; i < block->cap; i++) {
		if (block->entries[i].gram != 0)
			*place_of(entries, cap, block->entries[i].gram) = block->entries[i];
	}
	block->entries = entries;
	block->cap = cap;
	return true;
}

/* Adds the grams of the prompt of the n-th task. False when memory is short. */
static bool
add_prompt(struct block *block, const char *prompt, size_t n)
{
	struct gram_before before = {0};
	uint64_t bit = (uint64_t)1 << n;
	uint32_t c, grams[GRAM_MOST];
	while ((c = fold_next(&prompt)) != 0) {
		if (block->count + GRAM_MOST > block->cap / 2 && !grow(block))
			return false;
		size_t count = gram_take(&before, c, grams);
		for (size_t i = 0; i < count; i++) {
			struct entry *entry = place_of(block->entries, block->cap, grams[i]);
			block->count += entry->gram == 0;
			entry->gram = grams[i];
			entry->tasks |= bit;
		}
	}
	return true;
}

static int
by_gram(const void *a, const void *b)
{
	uint32_t x = ((const struct entry *)a)->gram, y = ((const struct entry *)b)->gram;
	return x < y ? -1 : x > y;
}

static void
sort_grams(struct block *block)
{
	block->count = 0;
	for (size_t i = 0; i < block->cap; i++) {
		if (block->entries[i].gram != 0)
			block->entries[block->count++] = block->entries[i];
	}
	if (block->count > 0)
		qsort(block->entries, block->count, sizeof(*block->entries), by_gram);
}

static struct query
prompts(struct store *store, int64_t user_id, int64_t after)
{
	struct query query = db_query(store, SQL_SEARCH_PROMPTS);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":after", after);
	db_int(&query, ":limit", GRAM_BLOCK);
	return query;
}

/* Adds the prompt of the row as the n-th task's. Returns its bytes. */
static size_t
read_prompt(struct query *query, struct block *block, size_t n)
{
	const char *prompt = db_column_text(query, 1);
	if (prompt != NULL && add_prompt(block, prompt, n))
		return strlen(prompt);
	if (query->err == ERR_OK)
		query->err = db_fail(query->store, ERR_NO_MEMORY);
	return 0;
}

/* Makes a block of the user's first tasks behind `after`. */
static enum err_code
read_block(struct store *store, struct arena *arena, int64_t user_id, int64_t after, struct block *ret_block)
{
	struct block block = {.arena = arena};
	size_t bytes = 0;
	struct query query = prompts(store, user_id, after);
	while (bytes < BLOCK_BYTES && db_step(&query)) {
		gram_put_id(block.ids, block.tasks, db_column_int(&query, 0));
		bytes += read_prompt(&query, &block, block.tasks++);
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	sort_grams(&block);
	*ret_block = block;
	return ERR_OK;
}

/* Reads the tasks of the block anew. Those that are deleted are in it without a gram. *match is false where
 * the user has others among them. */
static enum err_code
read_again(struct store *store, int64_t user_id, struct block *block, bool *match)
{
	int64_t first_id = gram_id(block->ids, 0), last_id = gram_id(block->ids, block->tasks - 1);
	size_t n = 0;
	struct query query = prompts(store, user_id, first_id - 1);
	while (db_step(&query) && db_column_int(&query, 0) <= last_id) {
		int64_t id = db_column_int(&query, 0);
		while (n + 1 < block->tasks && gram_id(block->ids, n) < id)
			n++;
		*match = *match && gram_id(block->ids, n) == id;
		read_prompt(&query, block, n);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		sort_grams(block);
	return err;
}

/* Writes down the entries of the part from *at on, and moves on to the next part's. NULL when memory is
 * short. */
static uint8_t *
write_part(const struct block *block, int part, size_t *at, size_t *ret_size)
{
	size_t first = *at, end = first;
	while (end < block->count && gram_part(block->entries[end].gram) == part)
		end++;
	uint8_t *bits = arena_alloc(block->arena, (end - first) * GRAM_ENTRY + 1);
	for (size_t i = first; i < end && bits != NULL; i++)
		gram_put(bits + (i - first) * GRAM_ENTRY, block->entries[i].gram, block->entries[i].tasks);
	*at = end;
	*ret_size = (end - first) * GRAM_ENTRY;
	return bits;
}

/* ---- parts in the database ---- */

/* Sets a part; one of no size has no row. */
static enum err_code
set_part(struct store *store, int64_t first_id, int part, const uint8_t *bits, size_t size)
{
	struct query query = db_query(store, size > 0 ? SQL_SEARCH_PART_SET : SQL_SEARCH_PART_DROP);
	db_int(&query, ":id", gram_row(first_id, part));
	if (size > 0)
		db_blob(&query, ":bits", bits, size);
	return db_run(&query);
}

static enum err_code
add_block(struct store *store, int64_t user_id, const struct block *block)
{
	int64_t first_id = gram_id(block->ids, 0);
	struct query query = db_query(store, SQL_SEARCH_BLOCK_ADD);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":first_id", first_id);
	db_blob(&query, ":ids", block->ids, block->tasks * sizeof(int64_t));
	enum err_code err = db_run(&query);
	size_t at = 0, size;
	for (int part = 0; part < GRAM_PARTS && err == ERR_OK; part++) {
		const uint8_t *bits = write_part(block, part, &at, &size);
		if (bits == NULL)
			err = db_fail(store, ERR_NO_MEMORY);
		else if (size > 0)
			err = set_part(store, first_id, part, bits, size);
	}
	return err;
}

/* ---- what is in no block ---- */

enum err_code
store_search_block(struct store *store, int64_t user_id, int64_t id,
                   uint8_t ret_ids[GRAM_BLOCK * sizeof(int64_t)], size_t *ret_count)
{
	size_t size = 0;
	struct query query = db_query(store, SQL_SEARCH_LAST);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":id", id);
	if (db_step(&query)) {
		const uint8_t *ids = db_column_blob(&query, 1, &size);
		if (query.err == ERR_OK &&
		    (size == 0 || size % sizeof(int64_t) != 0 || size > GRAM_BLOCK * sizeof(int64_t)))
			query.err = db_fail(store, ERR_CORRUPT);
		if (query.err == ERR_OK)
			memcpy(ret_ids, ids, size);
	}
	*ret_count = size / sizeof(int64_t);
	return db_end(&query);
}

enum err_code
store_search_last(struct store *store, int64_t user_id, int64_t *ret_id)
{
	uint8_t ids[GRAM_BLOCK * sizeof(int64_t)];
	size_t count;
	enum err_code err = store_search_block(store, user_id, INT64_MAX, ids, &count);
	if (err == ERR_OK)
		*ret_id = count > 0 ? gram_id(ids, count - 1) : 0;
	return err;
}

/* Tells whether a block can be made of the user's tasks, and behind which one it begins. */
static enum err_code
find_enough(struct store *store, int64_t user_id, int64_t *ret_after, bool *ret_enough)
{
	enum err_code err = store_search_last(store, user_id, ret_after);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_SEARCH_NTH);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":after", *ret_after);
	db_int(&query, ":count", GRAM_BLOCK - 1);
	return db_end_known(&query, ret_enough);
}

enum err_code
store_search_wanting(struct store *store, int64_t *rev, int64_t *ret_user_id, bool *ret_more)
{
	int64_t known[KNOWN] = {0}, after, wanting = 0;
	int seen = 0;
	struct query query = db_query(store, SQL_SEARCH_CHANGED);
	db_int(&query, ":after", *rev);
	db_int(&query, ":limit", CHANGES);
	while (wanting == 0 && db_step(&query)) {
		int64_t user = db_column_int(&query, 1);
		bool enough = false;
		seen++;
		if (known[user % KNOWN] != user && query.err == ERR_OK)
			query.err = find_enough(store, user, &after, &enough);
		known[user % KNOWN] = user;
		if (enough)
			wanting = user;
		else if (query.err == ERR_OK)
			*rev = db_column_int(&query, 0);
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_user_id = wanting;
	*ret_more = wanting != 0 || seen == CHANGES;
	return ERR_OK;
}

enum err_code
store_search_index(struct store *store, struct arena *arena, int64_t user_id)
{
	struct block block;
	int64_t after = 0;
	bool enough = false;
	enum err_code err = find_enough(store, user_id, &after, &enough);
	if (err != ERR_OK || !enough)
		return err;
	err = read_block(store, arena, user_id, after, &block);
	return err == ERR_OK ? add_block(store, user_id, &block) : err;
}

enum err_code
store_search_come(struct store *store, int64_t *ret_rev)
{
	struct query query = db_query(store, SQL_SEARCH_HEAD);
	return db_end_number(&query, 0, ret_rev);
}

enum err_code
store_search_note(struct store *store, int64_t rev)
{
	struct query query = db_query(store, SQL_SEARCH_SET_HEAD);
	db_int(&query, ":rev", rev);
	return db_run(&query);
}

/* ---- deletion ---- */

/* Takes the n-th task out of a part of its block. */
static enum err_code
forget_in_part(struct store *store, int64_t first_id, int part, int n)
{
	size_t size = 0, left = 0;
	uint8_t *changed = NULL;
	bool differs = false;
	struct query query = db_query(store, SQL_SEARCH_PART);
	db_int(&query, ":id", gram_row(first_id, part));
	if (db_step(&query)) {
		const uint8_t *bits = db_column_blob(&query, 0, &size);
		changed = malloc(size + 1);
		if (changed == NULL && query.err == ERR_OK)
			query.err = db_fail(store, ERR_NO_MEMORY);
		if (query.err == ERR_OK && size > 0) {
			memcpy(changed, bits, size);
			left = gram_forget(changed, size, n);
			differs = left != size || memcmp(changed, bits, size) != 0;
		}
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK && differs)
		err = set_part(store, first_id, part, changed, left);
	free(changed);
	return err;
}

enum err_code
store_search_forget(struct store *store, int64_t id)
{
	uint8_t ids[GRAM_BLOCK * sizeof(int64_t)];
	size_t count = 0, n = 0;
	int64_t user_id = 0;
	struct query query = db_query(store, SQL_SEARCH_OWNER);
	db_int(&query, ":id", id);
	enum err_code err = db_end_number(&query, 0, &user_id);
	if (err == ERR_OK)
		err = store_search_block(store, user_id, id, ids, &count);
	while (n < count && gram_id(ids, n) != id)
		n++;
	for (int part = 0; part < GRAM_PARTS && err == ERR_OK && n < count; part++)
		err = forget_in_part(store, gram_id(ids, 0), part, (int)n);
	return err;
}

/* ---- checking ---- */

/* Compares a part with what it should be. */
static enum err_code
compare_part(struct store *store, int64_t first_id, int part, const uint8_t *bits, size_t size, bool *match)
{
	size_t there = 0;
	struct query query = db_query(store, SQL_SEARCH_PART);
	db_int(&query, ":id", gram_row(first_id, part));
	const uint8_t *found = db_step(&query) ? db_column_blob(&query, 0, &there) : NULL;
	if (there != size || (size > 0 && memcmp(found, bits, size) != 0))
		*match = false;
	return db_end(&query);
}

/* Compares the block that begins with this task. */
static enum err_code
compare_block(struct store *store, struct arena *arena, int64_t user_id, int64_t first_id, bool *ret_match)
{
	struct block block = {.arena = arena};
	size_t at = 0, size;
	bool match = true;
	enum err_code err = store_search_block(store, user_id, first_id, block.ids, &block.tasks);
	if (err == ERR_OK)
		match = block.tasks > 0 && gram_id(block.ids, 0) == first_id;
	if (err == ERR_OK && match)
		err = read_again(store, user_id, &block, &match);
	for (int part = 0; part < GRAM_PARTS && err == ERR_OK && match; part++) {
		const uint8_t *bits = write_part(&block, part, &at, &size);
		err = bits != NULL ? compare_part(store, first_id, part, bits, size, &match) : ERR_NO_MEMORY;
	}
	if (err == ERR_CORRUPT)
		match = false;
	*ret_match = match;
	return err == ERR_CORRUPT ? ERR_OK : err;
}

/* Finds the first block behind *after, which becomes its first task; 0 = there is none. */
static enum err_code
next_block(struct store *store, int64_t *after, int64_t *ret_user_id)
{
	struct query query = db_query(store, SQL_SEARCH_NEXT_BLOCK);
	db_int(&query, ":after", *after);
	bool found = db_step(&query);
	*after = found ? db_column_int(&query, 0) : 0;
	*ret_user_id = found ? db_column_int(&query, 1) : 0;
	return db_end(&query);
}

enum err_code
store_search_check(struct store *store, struct arena *arena, int64_t *first_id, bool *ret_match)
{
	int64_t user_id, first = *first_id;
	bool match = true;
	enum err_code err = next_block(store, &first, &user_id);
	if (err == ERR_OK && first != 0)
		err = compare_block(store, arena, user_id, first, &match);
	if (err != ERR_OK)
		return err;
	*first_id = first;
	*ret_match = match;
	return ERR_OK;
}

enum err_code
store_search_check_some(struct store *store, struct arena *arena, int64_t most, bool *ret_match)
{
	int64_t newest = 0;
	bool match = true;
	struct query query = db_query(store, SQL_SEARCH_NEWEST);
	enum err_code err = db_end_number(&query, 0, &newest);
	for (int64_t i = 1; i <= most && newest > 0 && match && err == ERR_OK; i++) {
		int64_t first_id = newest / most * i + newest % most * i / most - 1;
		/* Each block in one state: a task that is deleted leaves it and the prompts at once. */
		err = store_snapshot(store);
		if (err == ERR_OK)
			err = store_search_check(store, arena, &first_id, &match);
		store_snapshot_end(store);
		arena_reset(arena);
	}
	if (err == ERR_OK)
		*ret_match = match;
	return err;
}

enum err_code
store_search_clear(struct store *store)
{
	struct query query = db_query(store, SQL_SEARCH_PARTS_DROP);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_SEARCH_BLOCKS_DROP);
	err = db_run(&query);
	return err == ERR_OK ? store_search_note(store, 0) : err;
}
