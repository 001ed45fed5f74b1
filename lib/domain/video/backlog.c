/* The pace of the backlog; see backlog.h. */
#include "domain/video/backlog.h"

#include <stdio.h>
#include <string.h>

#include "domain/backoff.h"

enum {
	PAUSE_MS = 1000, /* between two, at least */
	REST =
	    4, /* times as long as one took is the pause, if that is longer: a fifth of the time is spent */
	BURST_MS = 8 * PAUSE_MS,
	HOST_LEAST_MS = 10 * 1000,
	HOST_MOST_MS = 600 * 1000,
	TELL_MS = 60 * 1000
};

bool
backlog_may(const struct backlog *backlog, int64_t now)
{
	return backlog->ahead_until <= now + BURST_MS - PAUSE_MS;
}

void
backlog_spend(struct backlog *backlog, int64_t began, int64_t now)
{
	int64_t pause = (now - began) * REST > PAUSE_MS ? (now - began) * REST : PAUSE_MS;
	backlog->ahead_until = (backlog->ahead_until > now ? backlog->ahead_until : now) + pause;
}

/* Returns the place of the host; NULL = none. */
static struct backlog_host *
find(struct backlog *backlog, const char *host)
{
	for (int i = 0; i < BACKLOG_HOSTS; i++)
		if (backlog->hosts[i].failures > 0 &&
		    strncmp(backlog->hosts[i].name, host, BACKLOG_HOST_SIZE - 1) == 0)
			return &backlog->hosts[i];
	return NULL;
}

bool
backlog_rests(const struct backlog *backlog, const char *host, int64_t now)
{
	const struct backlog_host *known = find((struct backlog *)(uintptr_t)backlog, host);
	return known != NULL && now < known->until;
}

/* Returns a place for the host: a free one, or that of the host whose rest ends first. */
static struct backlog_host *
add(struct backlog *backlog, const char *host)
{
	struct backlog_host *place = &backlog->hosts[0];
	for (int i = 1; i < BACKLOG_HOSTS; i++)
		if (backlog->hosts[i].until < place->until)
			place = &backlog->hosts[i];
	*place = (struct backlog_host){.failures = 0};
	snprintf(place->name, sizeof(place->name), "%s", host);
	return place;
}

void
backlog_note(struct backlog *backlog, const char *host, bool fetched, int64_t now)
{
	struct backlog_host *known = find(backlog, host);
	if (fetched) {
		if (known != NULL)
			*known = (struct backlog_host){.failures = 0};
		return;
	}
	backlog->failed++;
	if (known == NULL)
		known = add(backlog, host);
	int64_t rest = backoff_doubled(HOST_LEAST_MS, known->failures++);
	known->until = now + (rest < HOST_MOST_MS ? rest : HOST_MOST_MS);
}

int64_t
backlog_tell(struct backlog *backlog, int64_t now)
{
	if (backlog->failed == 0 || (backlog->told_at != 0 && now - backlog->told_at < TELL_MS))
		return 0;
	int64_t failed = backlog->failed;
	backlog->failed = 0;
	backlog->told_at = now;
	return failed;
}
