/* updates: the long poll. A client asks what has changed after its cursor and is answered at once where
 * something has, else as soon as something does; see DESIGN. The accepting threads (poll.c) check who asks
 * and answer what is there already; who must wait is handed to the waiting room (room.c), one loop on one
 * thread. */
#include "api/call.h"
#include "api/program.h"
#include "handlers.h"
#include "room.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/api/video/updates", updates_poll, ACCESS_USER,
     "What has changed after a cursor, held open until something does", TAKES_QUERY},
    {"GET", "/v1/videos/:videoId", updates_v1_show, ACCESS_USER, "OpenAI's: one task", TAKES_QUERY},
};

int
main(void)
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
	return program_main(&updates);
}
