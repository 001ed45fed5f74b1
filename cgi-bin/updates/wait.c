/* How long a client waits: see wait.h. */
#include "wait.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/config.h"
#include "base/limits.h"
#include "web/serve.h"

/* Reads "25" or "1.5" as whole seconds. False where the text is no number. */
static bool
read_seconds(const char *text, int64_t *ret_seconds)
{
	size_t whole = strspn(text, "0123456789");
	size_t part = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
	if (whole == 0 || part == 1 || text[whole + part] != '\0')
		return false;
	errno = 0;
	long long seconds = strtoll(text, NULL, 10);
	*ret_seconds = errno == 0 ? seconds : LIMIT_WAIT;
	return true;
}

struct err
wait_read(const struct call *call, const char *text, int64_t preset, int64_t *ret_ms)
{
	int64_t seconds = request_prefer_wait(call->request);
	if (seconds < 0)
		seconds = preset;
	if (text != NULL && !read_seconds(text, &seconds))
		return err_in_chinese(
		    err_say(ERR_BAD_FIELD, "wait", "wait must be a number of seconds, 0 to %d.", LIMIT_WAIT),
		    "wait 须为秒数（0 到 60）。");
	int64_t ms = (seconds < LIMIT_WAIT ? seconds : LIMIT_WAIT) * 1000;
	*ret_ms = serve_is_cgi() && ms > call->config->cgi_max_wait ? call->config->cgi_max_wait : ms;
	return err_of(ERR_OK);
}
