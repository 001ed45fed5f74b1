/* Health of channels in memory; see known_health.h. */
#include "domain/channel/known_health.h"

#include <stdlib.h>
#include <string.h>

#include "domain/channel/health.h"

static struct known_health *
add(struct known_health **list, const char *channel)
{
	size_t size = strlen(channel) + 1;
	struct known_health *health = calloc(1, sizeof(*health) + size);
	if (health == NULL)
		return NULL;
	memcpy(health->channel, channel, size);
	health->next = *list;
	*list = health;
	return health;
}

struct known_health *
known_health_find(struct known_health **list, struct store *store, const char *channel, int64_t now)
{
	struct known_health *health = *list;
	while (health != NULL && strcmp(health->channel, channel) != 0)
		health = health->next;
	if (health == NULL)
		health = add(list, channel);
	/* What cannot be read now is read the next time. */
	if (health != NULL && !health->known)
		health->known = health_of_polls(store, channel, now, &health->health) == ERR_OK;
	return health;
}

bool
known_health_cools(struct known_health *health, int64_t due, int64_t now, int64_t *ret_until)
{
	int64_t told_until = health->health.told_until;
	if (due < told_until && told_until <= now) {
		*ret_until = told_until;
		return true;
	}
	bool waited = health->waited_until > 0 && health->waited_until <= now;
	if (waited)
		health->waited_until = 0;
	if (health->health.until <= now || (waited && told_until <= now))
		return false;
	if (health->waited_until == 0)
		health->waited_until = health->health.until;
	*ret_until = health->health.until;
	return true;
}

void
known_health_forget(struct known_health *list)
{
	for (; list != NULL; list = list->next)
		list->known = false;
}

void
known_health_free(struct known_health *list)
{
	struct known_health *next;
	for (; list != NULL; list = next) {
		next = list->next;
		free(list);
	}
}
