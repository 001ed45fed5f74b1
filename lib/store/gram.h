/* The pieces of text that the index of prompts knows, and how a part of a block is written down.
 *
 * Grams of a folded text are its characters, its pairs of characters, and its triples of ASCII characters. A
 * character of the basic plane and a pair of ASCII characters are exactly one gram; a character behind that
 * plane has the gram of one in it; all other pairs and triples share GRAM_SHARED of them, so that the variety
 * of a block's text bounds its size. No gram is 0. Any text that contains another has all grams of that.
 *
 * A part of a block is a list of entries, GRAM_ENTRY bytes each, in order of the gram: the gram (4 bytes),
 * and a set of the block's tasks (8 bytes, one bit each), both with the least byte first. Nothing here
 * allocates. Thread-safe. */
#ifndef STORE_GRAM_H
#define STORE_GRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
	GRAM_BLOCK = 64, /* tasks of a block */
	GRAM_PARTS = 64, /* of a block */
	GRAM_SHARED = 4096,
	GRAM_ENTRY = 12, /* bytes */
	GRAM_MOST = 3    /* grams that end with one character */
};

/* The characters before the present one; zeroes at the start of a text. */
struct gram_before {
	uint32_t last, second;
};

/* Writes the grams that end with the character `c`, and moves on. Returns their number. */
size_t gram_take(struct gram_before *before, uint32_t c, uint32_t ret_grams[GRAM_MOST]);

/* Returns the part that a gram belongs to. Grams in ascending order are in ascending order of parts. */
static inline int
gram_part(uint32_t gram)
{
	return (int)(gram >> 26);
}

/* Returns the id of the row of a part of the block that begins with the task `first_id`. */
static inline int64_t
gram_row(int64_t first_id, int part)
{
	return first_id * GRAM_PARTS + part;
}

/* Write and read an entry. */
void gram_put(uint8_t *entry, uint32_t gram, uint64_t tasks);
uint32_t gram_of(const uint8_t *entry);
uint64_t gram_tasks(const uint8_t *entry);

/* Returns the tasks that have the gram, from a part of `size` bytes. */
uint64_t gram_look_up(const uint8_t *part, size_t size, uint32_t gram);

/* Takes the n-th task out of the part of `size` bytes, in place. Returns the size that it has afterwards:
 * a gram that no task has any more is gone. */
size_t gram_forget(uint8_t *part, size_t size, int n);

/* Write and read the id of a block's n-th task, 8 bytes each, the least first. */
void gram_put_id(uint8_t *ids, size_t n, int64_t id);
int64_t gram_id(const uint8_t *ids, size_t n);

#endif
