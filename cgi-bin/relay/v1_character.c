/* POST /v1/videos/characters · GET /v1/videos/characters/:id
 *
 * Characters are made from an uploaded video, and no upstream has them. Errors: unsupported (501),
 * always. */
#include "api/call.h"
#include "handlers.h"

struct err
relay_v1_character(struct call *call)
{
	(void)call;
	return err_in_chinese(err_say(ERR_UNSUPPORTED, NULL, "No upstream of this server has characters."),
	                      "此服务器的上游均不支持角色。");
}
