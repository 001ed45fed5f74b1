/* Authorization before the body. The claim travels as `Variable-LONGREEL_INTAKE`, which lighttpd makes a
 * variable of the second request. A forged one would name no claim, and end nothing. */
#include "api/authorize.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/intake.h"
#include "domain/upload.h"
#include "web/reply.h"
#include "web/request.h"

#define CLAIM "LONGREEL_INTAKE"

enum { RETRY_MS = 5000 };

bool
authorize_is_asked(const struct request *request)
{
	/* A GET has no body: skipped, as the look-up costs time. The variable is libfcgi's, from
	 * BEGIN_REQUEST. */
	const char *role =
	    strcmp(request->method, "GET") != 0 ? request_variable(request, "FCGI_ROLE") : NULL;
	return role != NULL && strcmp(role, "AUTHORIZER") == 0;
}

/* The bytes of the body, -1 where they are not stated. An authorizer is given no CONTENT_LENGTH. */
static int64_t
stated_length(const struct request *request)
{
	const char *text = request_header(request, "Content-Length");
	char *end;
	if (text == NULL || *text == '\0')
		return -1;
	errno = 0;
	long long length = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && length >= 0 ? length : -1;
}

/* Whether the images that a body has at least, beside text of the largest size and in base64, fit into what
 * the user may have stored. */
static enum err_code
images_fit(const struct call *call, int64_t length, int64_t largest)
{
	int64_t least = (length - LIMIT_JSON_BODY) / 4 * 3;
	bool may = largest > LIMIT_JSON_BODY && length <= largest && call->user != NULL;
	return may ? upload_fits(call->config, call->store, call->user->id, least) : ERR_OK;
}

struct err
authorize_body(struct call *call, int64_t largest)
{
	const struct request *request = call->request;
	int64_t length = stated_length(request), most = largest + LIMIT_BODY_MARGIN;
	struct intake intake = {.user_id = call->user != NULL ? call->user->id : 0,
	                        .bytes = length >= 0 && length < most ? length : most};
	uint64_t claim = 0;
	if (length >= 0 && length <= INTAKE_SMALL)
		return err_of(ERR_OK);
	enum err_code images = images_fit(call, length, largest);
	if (images != ERR_OK)
		return err_of(images);
	if (!request_peer(request, &intake.peer))
		intake.peer.family = 0;
	struct err err = err_of(intake_claim(call->config, &intake, &claim));
	if (err.code == ERR_NO_SPACE || err.code == ERR_INTERNAL)
		log_error("request=%s an upload is refused: bytes=%" PRId64 " why=%s", request->id,
		          intake.bytes, err.code == ERR_NO_SPACE ? "the disk is full" : strerror(errno));
	err.retry_after_ms = RETRY_MS;
	if (err.code == ERR_OK)
		reply_headerf(call->reply, "Variable-" CLAIM, "%016" PRIx64, claim);
	return err;
}

enum err_code
authorize_broken(const struct request *request, const struct config *config)
{
	const char *text = request_variable(request, "REDIRECT_STATUS"); /* "200" where nothing is wrong */
	long status = text != NULL ? strtol(text, NULL, 10) : 0;
	if (status < 400)
		return ERR_OK;
	if (status == 413)
		return ERR_TOO_LARGE;
	if (status < 500)
		return ERR_BAD_REQUEST;
	if (status == 503)
		return ERR_BUSY;
	if (intake_fits(config, 0)) {
		log_error("request=%s the web server could not handle the request: status=%ld", request->id,
		          status);
		return ERR_INTERNAL;
	}
	log_error("request=%s the web server could not store the body: the disk is full", request->id);
	return ERR_NO_SPACE;
}

void
authorize_end(const struct request *request, const struct config *config)
{
	/* The claim for a body that could not be stored ends with the connection. */
	const char *claim = strcmp(request->method, "GET") != 0 ? request_variable(request, CLAIM) : NULL;
	if (claim != NULL)
		intake_end(config, strtoull(claim, NULL, 16));
}
