/* ops: for those who watch over an instance: is it alive, is it fit to serve. */
#include "api/call.h"
#include "api/program.h"
#include "handlers.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/health", ops_health, ACCESS_PUBLIC, "Process and database answer", TAKES_QUERY},
    {"GET", "/ready", ops_ready, ACCESS_PUBLIC, "And a poller is alive, and there is room on the disk",
     TAKES_QUERY},
    {"GET", "/metrics", ops_metrics, ACCESS_PUBLIC,
     "Numbers for Prometheus: an administrator's, or asked for from this machine"},
};

int
main(void)
{
	static const struct program ops = {
	    .name = "ops",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_READ,
	    .threads = 1,
	};
	return program_main(&ops);
}
