/* Errors below /v1/. OpenAI's clients retry 408, 409, 429 and all from 500 on, twice, unless told not to. */
#include "api/openai_error.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "web/reply.h"
#include "web/request.h"

bool
openai_is_asked(const struct request *request)
{
	const char *path = request->path;
	size_t len = sizeof(OPENAI_ROOT) - 2; /* without the last slash */
	if (request->transport != NULL && path[0] == '\0')
		path = request_raw_path(request);
	return path != NULL && strncmp(path, OPENAI_ROOT, len) == 0 && strchr("/?", path[len]) != NULL;
}

bool
openai_is_foreign(const struct request *request)
{
	static const char videos[] = OPENAI_ROOT "videos/", id[] = "video_";
	const char *name = request->path + sizeof(videos) - 1;
	return strcmp(request->method, "POST") == 0 &&
	       strncmp(request->path, videos, sizeof(videos) - 1) == 0 && strchr(name, '/') == NULL &&
	       strncmp(name, id, sizeof(id) - 1) != 0;
}

bool
openai_is_blind(const struct request *request, const struct err *err)
{
	bool named = request->transport != NULL ? request_header(request, "Idempotency-Key") != NULL
	                                        : getenv("HTTP_IDEMPOTENCY_KEY") != NULL;
	return err_status(err->code) >= 500 && strcmp(request->method, "POST") == 0 && !named &&
	       openai_is_asked(request);
}

/* Their type of an error, and their code for it. */
#define INSUFFICIENT "insufficient_quota"

/* OpenAI's classes of errors. */
static const char *
type_of(int status)
{
	if (status == 402)
		return INSUFFICIENT;
	if (status == 429)
		return "requests";
	return status >= 500 ? "server_error" : "invalid_request_error";
}

/* The code of err.def, but for those that users of OpenAI's clients know by other names. */
static const char *
code_of(enum err_code code)
{
	if (code == ERR_UNAUTHORIZED)
		return "invalid_api_key";
	if (code == ERR_NO_CREDIT)
		return INSUFFICIENT;
	if (code == ERR_OVER_BUDGET)
		return "billing_hard_limit_reached";
	return code == ERR_RATE_LIMITED ? "rate_limit_exceeded" : err_word(code);
}

int
openai_status(const struct err *err)
{
	static const int ours[] = {401, 402, 408, 409, 425, 429};
	if (err->upstream_status < 400 || err->upstream_status > 499)
		return err_status(err->code);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (err->upstream_status == ours[i])
			return err_status(err->code);
	return err->upstream_status;
}

void
openai_error_body(struct reply *reply, const struct err *err, const char *lang)
{
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "error");
	jsonw_string(&w, "message", err_sentence(err, lang, true));
	jsonw_string(&w, "type", type_of(openai_status(err)));
	jsonw_string(&w, "param", err->field);
	jsonw_string(&w, "code", err->upstream_code != NULL ? err->upstream_code : code_of(err->code));
	jsonw_object_end(&w);
	jsonw_object_end(&w);
}
