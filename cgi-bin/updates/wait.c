/* How long a client waits: see wait.h. */
#include "wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/config.h"
#include "base/limits.h"
#include "web/serve.h"

struct err
wait_read(const char *text, struct field_int *ret_wait)
{
	if (text == NULL)
		return err_of(ERR_OK);
	size_t whole = strspn(text, "0123456789");
	size_t part = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
	if (whole == 0 || part == 1 || text[whole + part] != '\0')
		return err_in_chinese(
		    err_say(ERR_BAD_FIELD, "wait", "wait must be a number of seconds, 0 to %d.", LIMIT_WAIT),
		    "wait 须为秒数（0 到 60）。");
	errno = 0;
	long long seconds = strtoll(text, NULL, 10);
	ret_wait->set = true;
	ret_wait->value = errno == 0 && seconds < LIMIT_WAIT ? seconds : LIMIT_WAIT;
	return err_of(ERR_OK);
}

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
