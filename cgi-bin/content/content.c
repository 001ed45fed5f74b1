/* content: the bytes of finished videos. Each thread passes one video through at a time; the web server takes
 * it in as fast as it comes and serves slow clients itself, so a thread is held by the upstream only. */
#include "api/call.h"
#include "api/program.h"
#include "domain/channel.h"
#include "handlers.h"

static const struct route routes[] = {
    {"GET", "/api/video/tasks/:videoId/content", content_get, ACCESS_PUBLIC,
     "The video: Range, ETag, ?download=1, ?variant="},
    {"GET", "/v1/videos/:videoId/content", content_get, ACCESS_USER, "OpenAI's: the same"},
};

static void *
open_channels(const struct config *config, char *ret_why, size_t why_size)
{
	return channels_open_installed(config, ret_why, why_size);
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
	    .threads = 6,
	    .open = open_channels,
	    .close = close_channels,
	};
	return program_main(&content);
}
