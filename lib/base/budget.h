/* Budgets in memory: a rate for each of many keys, such as users, at a fixed size. A key is forgotten where
 * others need its place, those that owe least first: then it begins anew. Thread-safe. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget;

/* Makes one that gives each key `per_minute` units a minute, and as many at once; 0 = any number. NULL when
 * memory is short. */
struct budget *budget_new(int64_t per_minute);

/* NULL is fine. */
void budget_free(struct budget *budget);

/* True where the key has units left at `now_ms` (clock_mono_ms()); else ret_wait_ms (at least 1) is the time
 * until it has. Takes none. */
bool budget_has(struct budget *budget, int64_t key, int64_t now_ms, int64_t *ret_wait_ms);

/* Takes `count` units, more than are left where it must be: the key is in debt then. */
void budget_take(struct budget *budget, int64_t key, int64_t count, int64_t now_ms);

#endif
