/* ops: the state of an instance, for monitoring. */
#include "api/call.h"
#include "api/program.h"
#include "handlers.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/health", ops_health, ACCESS_PUBLIC, "Process and database answer", TAKES_QUERY},
    {"GET", "/ready", ops_ready, ACCESS_PUBLIC, "The same, and a poller runs, and the disk has space",
     TAKES_QUERY},
    {"GET", "/metrics", ops_metrics, ACCESS_PUBLIC,
     "Numbers for Prometheus: for administrators, and for this machine"},
};

int
main(int argc, char **argv)
{
	static const struct program ops = {
	    .name = "ops",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_READ,
	    .threads = 1,
	};
	return program_main(argc, argv, &ops);
}
