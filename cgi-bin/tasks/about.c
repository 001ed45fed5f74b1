/* GET /api/about
 *
 * {registration, timezone, version}: what a page shows before anybody has signed in. registration: open or
 * closed. Public. Errors: none of its own. Reads the configuration. */
#include "api/call.h"
#include "base/config.h"
#include "handlers.h"
#include "version.h"

struct err
tasks_about(struct call *call)
{
	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "registration", call->config->registration);
	jsonw_string(&w, "timezone", call->config->timezone);
	jsonw_string(&w, "version", LONGREEL_VERSION);
	return call_answer_end(call, &w, 200);
}
