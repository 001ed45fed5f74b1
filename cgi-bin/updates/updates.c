/* updates: the long poll. A client asks for changes after its cursor, and is answered as soon as there are
 * any. The accepting threads (poll.c) check the caller and answer with changes that are there already;
 * clients that must wait go to the waiting room (room.c), one loop on one thread. See DESIGN. */
#include "api/call.h"
#include "api/program.h"
#include "handlers.h"
#include "room.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/api/video/updates", updates_poll, ACCESS_USER,
     "Changes after a cursor; waits until there are any", TAKES_QUERY},
    {"GET", "/v1/videos/:videoId", updates_v1_show, ACCESS_USER, "OpenAI's: one task", TAKES_QUERY},
};

int
main(int argc, char **argv)
{
	static const struct program updates = {
	    .name = "updates",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_READ,
	    .threads = 4, /* fewer lose connections when thousands of polls arrive in one burst */
	    .open = room_open,
	    .run = room_run,
	    .stop = room_stop,
	    .close = room_close,
	};
	return program_main(argc, argv, &updates);
}
