/* content: the bytes of finished videos, and of the images that they were made from. A thread sends one
 * stream at a time, at the pace of its client: the web server would keep what a client does not read in
 * files. A client that reads too slowly is cut off (pass_patience). Some threads are left for what the web
 * server sends by itself (shared.h). */
#include <stdio.h>
#include <stdlib.h>

#include "api/call.h"
#include "api/program.h"
#include "base/budget.h"
#include "base/config.h"
#include "domain/channel/channels.h"
#include "handlers.h"
#include "shared.h"
#include "store/store.h"
#include "web/serve.h"

static const struct route routes[] = {
    {"GET", "/api/video/tasks/:videoId/content", content_get, ACCESS_PUBLIC,
     "The video: Range, ETag, ?download=1, ?variant=", TAKES_QUERY},
    {"GET", "/api/video/tasks/:videoId/input", content_input, ACCESS_PUBLIC,
     "An image that the task was made from: ?role=, ?index=", TAKES_QUERY},
    {"GET", "/v1/videos/:videoId/content", content_get, ACCESS_USER, "OpenAI's: the same", TAKES_QUERY},
};

static void *
open_shared(const struct config *config, char *ret_why, size_t why_size)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	snprintf(ret_why, why_size, "memory is short");
	if (shared != NULL)
		shared->channels = channels_open_installed(config, ret_why, why_size);
	/* Under plain CGI no count would last. */
	bool counts = !serve_is_cgi();
	if (shared != NULL && shared->channels != NULL && counts)
		shared->passes = budget_new(config->rate_pass);
	if (shared != NULL && shared->channels != NULL && (!counts || shared->passes != NULL)) {
		pthread_mutex_init(&shared->lock, NULL);
		return shared;
	}
	if (shared != NULL && shared->channels != NULL)
		channels_close(shared->channels);
	free(shared);
	return NULL;
}

static void
close_shared(void *state)
{
	struct shared *shared = state;
	channels_close(shared->channels);
	budget_free(shared->passes);
	pthread_mutex_destroy(&shared->lock);
	free(shared);
}

int
main(int argc, char **argv)
{
	static const struct program content = {
	    .name = "content",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_READ,
	    .threads = THREADS,
	    .open = open_shared,
	    .close = close_shared,
	};
	return program_main(argc, argv, &content);
}
