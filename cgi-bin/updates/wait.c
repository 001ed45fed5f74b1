/* How long a client may be held. */
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
	else if (preferred >= 0) /* a preference is honoured as far as may be, never refused */
		seconds = preferred < LIMIT_WAIT ? preferred : LIMIT_WAIT;
	int64_t ms = seconds * 1000;
	if (serve_is_cgi() && ms > call->config->cgi_max_wait)
		ms = call->config->cgi_max_wait;
	return ms;
}
