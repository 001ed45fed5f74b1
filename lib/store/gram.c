/* Grams: see gram.h. */
#include "store/gram.h"

#include <endian.h>
#include <string.h>

enum {
	ASCII = 0x80,
	PAIRS_FROM =
	    0x10000, /* behind the characters of the basic plane, whose own grams are those before it */
	SHARED_FROM = PAIRS_FROM + ASCII * ASCII
};

/* Spreads grams over the parts. As the factor is odd, no two become one. */
static uint32_t
spread(uint32_t gram)
{
	return gram * 2654435761u;
}

static uint32_t
shared(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t hash = (a * 0x9E3779B1u + b) * 0x85EBCA77u + c;
	hash = (hash ^ hash >> 15) * 0xC2B2AE3Du;
	return SHARED_FROM + (hash ^ hash >> 16) % GRAM_SHARED;
}

/* The gram of a character by itself. Behind the basic plane it is that of one in it; where there would be
 * none, that of a pair of zeroes, which no text has. So no gram is 0. */
static uint32_t
single(uint32_t c)
{
	uint32_t low = c % PAIRS_FROM;
	return low != 0 ? low : PAIRS_FROM;
}

size_t
gram_take(struct gram_before *before, uint32_t c, uint32_t ret_grams[GRAM_MOST])
{
	uint32_t last = before->last, second = before->second;
	size_t count = 0;
	ret_grams[count++] = spread(single(c));
	if (last != 0)
		ret_grams[count++] =
		    spread(last < ASCII && c < ASCII ? PAIRS_FROM + last * ASCII + c : shared(0, last, c));
	if (second != 0 && second < ASCII && last < ASCII && c < ASCII)
		ret_grams[count++] = spread(shared(second, last, c));
	before->second = last;
	before->last = c;
	return count;
}

/* ---- bytes ---- */

void
gram_put(uint8_t *entry, uint32_t gram, uint64_t tasks)
{
	gram = htole32(gram);
	tasks = htole64(tasks);
	memcpy(entry, &gram, sizeof(gram));
	memcpy(entry + sizeof(gram), &tasks, sizeof(tasks));
}

uint32_t
gram_of(const uint8_t *entry)
{
	uint32_t gram;
	memcpy(&gram, entry, sizeof(gram));
	return le32toh(gram);
}

uint64_t
gram_tasks(const uint8_t *entry)
{
	uint64_t tasks;
	memcpy(&tasks, entry + sizeof(uint32_t), sizeof(tasks));
	return le64toh(tasks);
}

void
gram_put_id(uint8_t *ids, size_t n, int64_t id)
{
	uint64_t bytes = htole64((uint64_t)id);
	memcpy(ids + n * sizeof(bytes), &bytes, sizeof(bytes));
}

int64_t
gram_id(const uint8_t *ids, size_t n)
{
	uint64_t bytes;
	memcpy(&bytes, ids + n * sizeof(bytes), sizeof(bytes));
	return (int64_t)le64toh(bytes);
}

/* ---- parts ---- */

uint64_t
gram_look_up(const uint8_t *part, size_t size, uint32_t gram)
{
	size_t low = 0, count = size / GRAM_ENTRY, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (gram_of(part + middle * GRAM_ENTRY) < gram)
			low = middle + 1;
		else
			high = middle;
	}
	const uint8_t *entry = part + low * GRAM_ENTRY;
	return low < count && gram_of(entry) == gram ? gram_tasks(entry) : 0;
}

size_t
gram_forget(uint8_t *part, size_t size, int n)
{
	size_t kept = 0;
	for (size_t at = 0; at + GRAM_ENTRY <= size; at += GRAM_ENTRY) {
		uint64_t tasks = gram_tasks(part + at) & ~((uint64_t)1 << n);
		if (tasks == 0)
			continue;
		gram_put(part + kept, gram_of(part + at), tasks);
		kept += GRAM_ENTRY;
	}
	return kept;
}
