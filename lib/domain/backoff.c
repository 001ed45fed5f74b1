/* The arithmetic of waits. */
#include "domain/backoff.h"

enum { DOUBLINGS = 16 };

int64_t
backoff_within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

int64_t
backoff_jitter(int64_t value, double dice)
{
	return value + (int64_t)((double)value * (dice - 0.5) / 5);
}

int64_t
backoff_doubled(int64_t value, int64_t times)
{
	return value << backoff_within(times, 0, DOUBLINGS);
}
