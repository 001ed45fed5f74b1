/* Budgets in memory: see budget.h. The generic cell rate algorithm (ITU-T I.371): one time for each key,
 * which is ahead of now by what the key has taken lately. A table of sets of four places, so that a look
 * costs the same for any number of keys. */
#include "base/budget.h"

#include <pthread.h>

#include "base/sparse.h"

enum { SETS = 256, WAYS = 4, MINUTE_MS = 60000 };

#define NS_OF_MS INT64_C(1000000)

struct place {
	int64_t key;
	int64_t tat; /* ns; 0 = the place is free */
};

struct budget {
	pthread_mutex_t lock;
	int64_t per_minute;
	struct place places[SETS][WAYS];
};

struct budget *
budget_new(int64_t per_minute)
{
	struct budget *budget = sparse_new(sizeof(*budget));
	if (budget == NULL)
		return NULL;
	budget->per_minute = per_minute;
	pthread_mutex_init(&budget->lock, NULL);
	return budget;
}

void
budget_free(struct budget *budget)
{
	if (budget == NULL)
		return;
	pthread_mutex_destroy(&budget->lock);
	sparse_free(budget, sizeof(*budget));
}

/* Finds the key's place, or the one that owes least of those that it could have. */
static struct place *
place_of(struct budget *budget, int64_t key)
{
	struct place *set = budget->places[(uint64_t)key % SETS], *least = set;
	for (struct place *place = set; place < set + WAYS; place++) {
		if (place->tat > 0 && place->key == key)
			return place;
		if (place->tat < least->tat)
			least = place;
	}
	return least;
}

bool
budget_has(struct budget *budget, int64_t key, int64_t now_ms, int64_t *ret_wait_ms)
{
	if (budget->per_minute <= 0)
		return true;
	pthread_mutex_lock(&budget->lock);
	const struct place *place = place_of(budget, key);
	int64_t ahead = place->tat > 0 && place->key == key ? place->tat - now_ms * NS_OF_MS : 0;
	pthread_mutex_unlock(&budget->lock);
	int64_t over = ahead - MINUTE_MS * NS_OF_MS;
	if (over < 0)
		return true;
	*ret_wait_ms = over / NS_OF_MS + 1;
	return false;
}

void
budget_take(struct budget *budget, int64_t key, int64_t count, int64_t now_ms)
{
	if (budget->per_minute <= 0)
		return;
	int64_t now = now_ms * NS_OF_MS;
	double cost = (double)count / (double)budget->per_minute * (double)(MINUTE_MS * NS_OF_MS);
	pthread_mutex_lock(&budget->lock);
	struct place *place = place_of(budget, key);
	int64_t tat = place->key == key && place->tat > now ? place->tat : now;
	*place = (struct place){.key = key, .tat = tat + (int64_t)cost};
	pthread_mutex_unlock(&budget->lock);
}
