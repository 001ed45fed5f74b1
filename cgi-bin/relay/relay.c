/* relay: creations. An accepting thread checks a request (create.c) and hands it off (handoff.c): the client
 * is parked, and one loop (driver.c) creates the tasks, many in one commit, and holds all exchanges with
 * upstreams, so that a thousand slow submissions cost a thousand small structs and no thread. */
#include "api/call.h"
#include "api/program.h"
#include "api/task_view.h"
#include "base/limits.h"
#include "driver.h"
#include "handlers.h"
#include "store/store.h"

static const struct route routes[] = {
    {"POST", "/api/relay/sora/videos", relay_create, ACCESS_USER,
     "Create a task from a prompt and perhaps an image", TAKES_BODY},
    {"POST", "/api/video/tasks/:videoId/remix", relay_remix, ACCESS_USER, "Create a remix of a video",
     TAKES_BODY},
    {"POST", "/api/relay/sora/videos/:videoId/remix", relay_remix, ACCESS_USER, "The same", TAKES_BODY},
    {"POST", "/api/video/tasks/remix", relay_remix_batch, ACCESS_USER,
     "Create a remix of each of several videos", TAKES_BODY},
    {"POST", "/api/video/tasks/:videoId/retry", relay_retry, ACCESS_USER,
     "Try what has failed or was cancelled again", TAKES_BODY},
    {"GET", "/api/relay/sora/videos/:videoId", task_show, ACCESS_USER, "One task"},
    {"POST", "/v1/videos", relay_create, ACCESS_USER, "OpenAI's: create a video", TAKES_BODY},
    {"POST", "/v1/videos/:videoId/remix", relay_remix, ACCESS_USER, "OpenAI's: create a remix", TAKES_BODY},
    {"POST", "/v1/videos/edits", relay_v1_edit, ACCESS_USER, "OpenAI's: change a video", TAKES_BODY},
    {"POST", "/v1/videos/extensions", relay_v1_extend, ACCESS_USER, "OpenAI's: continue a video", TAKES_BODY},
    {"POST", "/v1/videos/characters", relay_v1_character, ACCESS_USER,
     "OpenAI's: characters, which no upstream has", TAKES_NONE},
    {"GET", "/v1/videos/characters/:id", relay_v1_character, ACCESS_USER,
     "OpenAI's: characters, which no upstream has", TAKES_NONE},
};

int
main(int argc, char **argv)
{
	static const struct program relay = {
	    .name = "relay",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_WRITE,
	    .threads = 4,
	    .largest_body = LIMIT_FORM_BODY,
	    .open = driver_open,
	    .run = driver_run,
	    .stop = driver_stop,
	    .close = driver_close,
	};
	return program_main(argc, argv, &relay);
}
