/* Parts of schedules of waits. Pure, thread-safe. Times in ms. */
#ifndef DOMAIN_BACKOFF_H
#define DOMAIN_BACKOFF_H

#include <stdint.h>

/* Returns `value`, raised to `least` where it is below that, else lowered to `most` where it is above. */
int64_t backoff_within(int64_t value, int64_t least, int64_t most);

/* Returns `value` ± 10 %, by `dice` from 0 to 1, so that work that failed together is not retried together.
 */
int64_t backoff_jitter(int64_t value, double dice);

/* Returns `value` doubled `times` times, at most 16: every ceiling is reached long before. */
int64_t backoff_doubled(int64_t value, int64_t times);

#endif
