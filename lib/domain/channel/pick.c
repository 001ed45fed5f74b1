/* Picking a channel: see pick.h. */
#include "domain/channel/pick.h"

#include <string.h>

#include "base/crypto.h"

/* True where the option is one of those that may be picked. */
static bool
is_in(const struct pick_option *option, bool open, int64_t priority)
{
	return option->open >= open && option->priority == priority;
}

size_t
pick(const struct pick_option *options, size_t count, double dice)
{
	bool open = false;
	int64_t priority = INT64_MIN;
	double total = 0;
	size_t last = 0;
	for (size_t i = 0; i < count; i++)
		open = open || options[i].open;
	for (size_t i = 0; i < count; i++)
		if (options[i].open >= open && options[i].priority > priority)
			priority = options[i].priority;
	for (size_t i = 0; i < count; i++)
		if (is_in(&options[i], open, priority))
			total += (double)options[i].weight;
	double at = dice * total;
	for (size_t i = 0; i < count; i++) {
		if (!is_in(&options[i], open, priority))
			continue;
		last = i;
		at -= (double)options[i].weight;
		if (at < 0)
			break;
	}
	return last;
}

double
pick_dice(const char *video_id, int64_t attempt)
{
	uint8_t digest[CRYPTO_HASH_SIZE];
	uint64_t bits = 0;
	crypto_sha256(video_id, strlen(video_id), digest);
	for (size_t i = 0; i < 6; i++)
		bits = bits << 8 | digest[(i + (size_t)attempt) % sizeof(digest)];
	return (double)bits / (double)(1ULL << 48);
}
