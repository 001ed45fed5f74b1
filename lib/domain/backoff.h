/* What every schedule of waits is made of. Pure, thread-safe. Times in ms. */
#ifndef DOMAIN_BACKOFF_H
#define DOMAIN_BACKOFF_H

#include <stdint.h>

/* `value`, but no less than `least` and no more than `most`; where these contradict one another, `least`
 * goes for a value below it, `most` for any other above it. */
int64_t backoff_within(int64_t value, int64_t least, int64_t most);

/* `value` ± 10 %, by `dice` from 0 to 1, so that what began together does not go on together. */
int64_t backoff_jitter(int64_t value, double dice);

/* `value` doubled `times` times; at most 16 times, as every ceiling is reached long before. */
int64_t backoff_doubled(int64_t value, int64_t times);

#endif
