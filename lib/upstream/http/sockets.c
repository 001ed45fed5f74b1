/* Sockets by their numbers, each with the events that the loop watches it for; see sockets.h. */
#include "upstream/http/sockets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/loop.h"

enum { FIRST_SIZE = 64 };

struct watched {
	struct sockets *sockets;
	struct loop_watch watch;
	unsigned events; /* of the loop; 0 = it is not in the loop */
	bool kept;       /* until it is closed */
	bool rests;      /* nothing is waited for */
};

struct sockets {
	struct loop *loop;
	sockets_ready *ready;
	void *cookie;
	struct watched **all; /* by descriptor; NULL = not known */
	size_t size;
};

static struct watched *
find(const struct sockets *sockets, int fd)
{
	return (size_t)fd < sockets->size ? sockets->all[fd] : NULL;
}

/* Takes it out of the loop; a connection that rests is not waited for, whatever comes. */
static void
unwatch(struct watched *watched)
{
	if (watched->events != 0)
		loop_remove(watched->sockets->loop, &watched->watch);
	watched->events = 0;
}

static void
drop(struct watched *watched)
{
	watched->sockets->all[watched->watch.fd] = NULL;
	free(watched);
}

static void
on_event(void *cookie, unsigned events)
{
	struct watched *watched = cookie;
	struct sockets *sockets = watched->sockets;
	if (watched->rests)
		unwatch(watched); /* the peer has closed it, mostly: libcurl will see that by itself */
	else
		sockets->ready(sockets->cookie, watched->watch.fd, events);
}

static bool
has_place(struct sockets *sockets, int fd)
{
	size_t size = sockets->size > 0 ? sockets->size : FIRST_SIZE;
	while (size <= (size_t)fd)
		size *= 2;
	if (size == sockets->size)
		return true;
	struct watched **all = reallocarray(sockets->all, size, sizeof(struct watched *));
	if (all == NULL)
		return false;
	for (size_t i = sockets->size; i < size; i++)
		all[i] = NULL;
	sockets->all = all;
	sockets->size = size;
	return true;
}

/* Returns the socket's, which is made where there is none; NULL when memory is short. */
static struct watched *
find_or_make(struct sockets *sockets, int fd)
{
	struct watched *watched = find(sockets, fd);
	if (watched != NULL)
		return watched;
	watched = has_place(sockets, fd) ? calloc(1, sizeof(*watched)) : NULL;
	if (watched == NULL)
		return NULL;
	watched->sockets = sockets;
	watched->watch = (struct loop_watch){.fd = fd, .fn = on_event, .cookie = watched};
	sockets->all[fd] = watched;
	return watched;
}

void
sockets_opened(struct sockets *sockets, int fd)
{
	struct watched *watched = fd >= 0 ? find_or_make(sockets, fd) : NULL;
	if (watched != NULL)
		watched->kept = watched->rests = true;
}

int
sockets_close(struct sockets *sockets, int fd)
{
	struct watched *watched = find(sockets, fd);
	if (watched != NULL) {
		loop_forget(sockets->loop, &watched->watch);
		drop(watched);
	}
	return close(fd);
}

void
sockets_watch(struct sockets *sockets, int fd, unsigned events)
{
	struct watched *watched = events != 0 ? find_or_make(sockets, fd) : find(sockets, fd);
	if (watched == NULL)
		return;
	watched->rests = events == 0;
	if (events != 0 && events != watched->events) {
		bool known = watched->events != 0;
		bool ok = known ? loop_change(sockets->loop, &watched->watch, events)
		                : loop_add(sockets->loop, &watched->watch, events);
		watched->events = ok ? events : watched->events;
	}
	if (watched->kept || !(watched->rests || watched->events == 0))
		return;
	unwatch(watched);
	drop(watched);
}

struct sockets *
sockets_new(struct loop *loop, sockets_ready *ready, void *cookie)
{
	struct sockets *sockets = calloc(1, sizeof(*sockets));
	if (sockets != NULL)
		*sockets = (struct sockets){.loop = loop, .ready = ready, .cookie = cookie};
	return sockets;
}

void
sockets_free(struct sockets *sockets)
{
	if (sockets == NULL)
		return;
	for (size_t fd = 0; fd < sockets->size; fd++)
		if (sockets->all[fd] != NULL) {
			loop_forget(sockets->loop, &sockets->all[fd]->watch);
			free(sockets->all[fd]);
		}
	free(sockets->all);
	free(sockets);
}
