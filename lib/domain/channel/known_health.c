/* Health of channels in memory; see known_health.h. */
#include "domain/channel/known_health.h"

#include <stdlib.h>
#include <string.h>

#include "domain/channel/cooldown.h"
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

/* What cannot be read now is read the next time. */
static void
read(struct known_health *health, struct store *store, int64_t now)
{
	if (!health->known)
		health->known = health_of_polls(store, health->channel, now, &health->health) == ERR_OK;
}

struct known_health *
known_health_find(struct known_health **list, struct store *store, const char *channel, int64_t now)
{
	struct known_health *health = *list;
	while (health != NULL && strcmp(health->channel, channel) != 0)
		health = health->next;
	if (health == NULL)
		health = add(list, channel);
	if (health != NULL)
		read(health, store, now);
	return health;
}

bool
known_health_cools(struct known_health *health, int64_t due, int64_t now, int64_t *ret_until)
{
	int64_t told_until = cooldown_later(health->health.told_until, health->asked_until);
	int64_t until = cooldown_later(health->health.until, health->asked_until);
	if (due < told_until && told_until <= now) {
		*ret_until = told_until;
		return true;
	}
	bool waited = health->waited_until > 0 && health->waited_until <= now;
	if (waited)
		health->waited_until = 0;
	if (until <= now || (waited && told_until <= now))
		return false;
	if (health->waited_until == 0)
		health->waited_until = until;
	*ret_until = until;
	return true;
}

int64_t
known_health_told(struct known_health *health, struct store *store, int64_t now)
{
	read(health, store, now);
	int64_t until = cooldown_later(health->health.told_until, health->asked_until);
	return until > now ? until : 0;
}

void
known_health_ask(struct known_health *health, int64_t until)
{
	health->asked_until = cooldown_later(health->asked_until, until);
}

void
known_health_asked_end(struct known_health *list)
{
	for (; list != NULL; list = list->next)
		list->asked_until = 0;
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
