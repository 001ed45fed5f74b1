/* Sets: see create_set.h. */
#include "api/create_set.h"

#include <inttypes.h>
#include <string.h>

#include "api/call.h"
#include "api/openai_error.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/task/create.h"
#include "store/user.h"

/* Writes how many tasks the caller may create a minute; 0 = any number. */
static enum err_code
read_rate(const struct call *call, int64_t *ret_most)
{
	struct user_limits limits;
	const struct user *user = call->user;
	enum err_code err = store_user_limits(call->store, call->arena, user->id, user->key_id, &limits);
	if (err != ERR_OK)
		return err;
	int64_t most = limits.rate >= 0 ? limits.rate : call->config->rate_create;
	bool narrower = limits.key_rate > 0 && (most == 0 || limits.key_rate < most);
	*ret_most = narrower ? limits.key_rate : most;
	return ERR_OK;
}

struct err
create_set_check(struct call *call, int64_t n, const char *client_request_id)
{
	int64_t most = 0;
	if (n <= 1)
		return err_of(ERR_OK);
	if (openai_is_asked(call->request))
		return err_in_chinese(
		    err_say(ERR_BAD_FIELD, "n", "n must be 1 below /v1, where an answer is one video."),
		    "/v1 下 n 只能为 1。");
	enum err_code err = read_rate(call, &most);
	if (err != ERR_OK)
		return err_of(err);
	if (most > 0 && n > most)
		return err_in_chinese(
		    err_say(ERR_BAD_FIELD, "n",
		            "n must be at most %" PRId64 ": that many may be created a minute.", most),
		    "n 超过每分钟可创建的数量。");
	if (client_request_id != NULL && utf8_count(client_request_id, strlen(client_request_id)) >
	                                     LIMIT_CLIENT_REQUEST_ID - CREATE_SET_SUFFIX)
		return err_say(ERR_BAD_FIELD, "clientRequestId",
		               "clientRequestId must be a text of 1 to %d characters with n.",
		               LIMIT_CLIENT_REQUEST_ID - CREATE_SET_SUFFIX);
	return err_of(ERR_OK);
}
