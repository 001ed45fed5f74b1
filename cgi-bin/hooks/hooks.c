/* hooks: webhooks. The endpoints of users, to which we deliver, and the address at which we receive those of
 * upstreams. Nothing is sent from here: the poller delivers. */
#include "api/call.h"
#include "api/program.h"
#include "domain/channel/channels.h"
#include "handlers.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/api/webhooks", hooks_list, ACCESS_USER, "The user's endpoints"},
    {"POST", "/api/webhooks", hooks_add, ACCESS_USER, "A new one, its secret shown once", TAKES_BODY},
    {"GET", "/api/webhooks/:id", hooks_show, ACCESS_USER, "One of them"},
    {"PATCH", "/api/webhooks/:id", hooks_change, ACCESS_USER, "Another address, other events, off and on",
     TAKES_BODY},
    {"DELETE", "/api/webhooks/:id", hooks_delete, ACCESS_USER, "Nothing more is sent there"},
    {"POST", "/api/webhooks/:id/rotate", hooks_rotate, ACCESS_USER, "A new secret, shown once"},
    {"GET", "/api/webhooks/:id/deliveries", hooks_deliveries, ACCESS_USER,
     "What was sent, and what came of it", TAKES_QUERY},
    {"POST", "/api/webhooks/:id/deliveries/:delivery/replay", hooks_replay, ACCESS_USER, "Sends it again"},
    {"POST", "/api/video/webhook/:channel", hooks_inbound, ACCESS_PUBLIC, "An upstream has news of a task",
     TAKES_QUERY | TAKES_BODY},
    {"POST", "/api/video/webhook/:channel/:token", hooks_inbound, ACCESS_PUBLIC,
     "The same from one that does not sign", TAKES_QUERY | TAKES_BODY},
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
main(int argc, char **argv)
{
	static const struct program hooks = {
	    .name = "hooks",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_WRITE,
	    .threads = 1,
	    .open = open_channels,
	    .close = close_channels,
	};
	return program_main(argc, argv, &hooks);
}
