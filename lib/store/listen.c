/* Listens to the notices of an engine. */
#include "store/listen.h"

#include <stdlib.h>

#include "store/db.h"

struct store_listener {
	const struct engine *engine;
	void *own; /* the engine's */
};

struct store_listener *
store_listen(const char *data)
{
	struct store_listener *listener = calloc(1, sizeof(*listener));
	if (listener == NULL)
		return NULL;
	listener->engine = db_engine(data);
	if (listener->engine->listen(data, &listener->own) != ERR_OK) {
		free(listener);
		return NULL;
	}
	return listener;
}

int
store_listener_fd(const struct store_listener *listener)
{
	return listener != NULL ? listener->engine->listen_fd(listener->own) : -1;
}

void
store_listener_drain(struct store_listener *listener)
{
	listener->engine->drain(listener->own);
}

void
store_listener_free(struct store_listener *listener)
{
	if (listener == NULL)
		return;
	listener->engine->unlisten(listener->own);
	free(listener);
}
