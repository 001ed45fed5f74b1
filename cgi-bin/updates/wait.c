/* How long a client waits: see wait.h. */
#include "wait.h"

#include "api/call.h"
#include "base/config.h"
#include "base/limits.h"
#include "web/serve.h"

int64_t
wait_ms(const struct call *call, struct field_int wait, int64_t preset)
{
	int64_t seconds = preset;
	int64_t preferred = request_prefer_wait(call->request);
	if (wait.set)
		seconds = wait.value;
	else if (preferred >= 0) /* a preference is cut to the limit, never refused */
		seconds = preferred < LIMIT_WAIT ? preferred : LIMIT_WAIT;
	int64_t ms = seconds * 1000;
	if (serve_is_cgi() && ms > call->config->cgi_max_wait)
		ms = call->config->cgi_max_wait;
	return ms;
}
