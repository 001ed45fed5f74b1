/* content: the bytes of finished videos. Each thread passes one video through at a time; the web server takes
 * it in as fast as it comes and serves slow clients itself, so a thread is held by the upstream only. */
#include <stdio.h>

#include "api/call.h"
#include "api/program.h"
#include "base/arena.h"
#include "base/file.h"
#include "domain/channel.h"
#include "handlers.h"

static const struct route routes[] = {
    {"GET", "/api/video/tasks/:videoId/content", content_get, ACCESS_USER,
     "The video: Range, ETag, ?download=1"},
};

static void *
open_channels(const struct config *config, char *ret_why, size_t why_size)
{
	struct channels *channels = NULL;
	struct arena *arena = arena_new();
	const char *dir = arena != NULL ? file_install_dir(arena) : NULL;
	const char *dialects = dir != NULL ? arena_printf(arena, "%s/share/dialects", dir) : NULL;
	snprintf(ret_why, why_size, "memory is short");
	if (dialects != NULL)
		channels = channels_open(config, dialects, ret_why, why_size);
	arena_free(arena);
	return channels;
}

static void
close_channels(void *state)
{
	channels_close(state);
}

int
main(void)
{
	static const struct program content = {
	    .name = "content",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_READ,
	    .threads = 8,
	    .open = open_channels,
	    .close = close_channels,
	};
	return program_main(&content);
}
