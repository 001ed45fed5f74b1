/* GET /api/about
 *
 * {registration: open|closed|invite, billing, currency, currencyDecimals, timezone, version}: what this
 * server is, for a page that no user has signed in to. Errors: none of its own. Reads the configuration. */
#include "api/call.h"
#include "base/config.h"
#include "handlers.h"
#include "version.h"

struct err
tasks_about(struct call *call)
{
	const struct config *config = call->config;
	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "registration", config->registration);
	jsonw_bool(&w, "billing", config_on(config->billing));
	jsonw_string(&w, "currency", config->currency);
	jsonw_int(&w, "currencyDecimals", config->currency_decimals);
	jsonw_string(&w, "timezone", config->timezone);
	jsonw_string(&w, "version", LONGREEL_VERSION);
	return call_answer_end(call, &w, 200);
}
