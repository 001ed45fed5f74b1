/* The envelope of every JSON answer, and the only place that turns a struct err into bytes. */
#include "api/envelope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/openai_error.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/refusals.h"
#include "web/reply.h"
#include "web/request.h"

void
envelope_headers(const char *request_id, struct reply *reply)
{
	reply_header(reply, "X-Request-Id", request_id);
	reply_header(reply, "X-Content-Type-Options", "nosniff");
	if (strstr(buf_str(&reply->headers), "Cache-Control: ") == NULL)
		reply_header(reply, "Cache-Control", "no-store");
}

/* Makes the reply JSON of that status. */
static void
set_json(const struct request *request, struct reply *reply, int status)
{
	reply->status = status;
	reply_header(reply, "Content-Type", "application/json; charset=utf-8");
	envelope_headers(request->id, reply);
}

struct jsonw
openai_begin(struct reply *reply)
{
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_object(&w, NULL);
	return w;
}

void
openai_end(struct jsonw *w, const struct request *request, struct reply *reply)
{
	jsonw_object_end(w);
	set_json(request, reply, 200);
}

struct jsonw
envelope_begin(struct reply *reply)
{
	struct jsonw w = openai_begin(reply);
	jsonw_bool(&w, "success", true);
	return w;
}

void
envelope_end(struct jsonw *w, const struct request *request, struct reply *reply, int status)
{
	jsonw_int(w, "requestTime", clock_mono_ms() - request->started_ms);
	jsonw_object_end(w);
	set_json(request, reply, status);
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* Writes a list of values, "4, 6, 8": numbers as numbers. */
static void
write_allowed(struct jsonw *w, const char *list)
{
	char word[LIMIT_WORD];
	jsonw_array(w, "allowed");
	for (size_t len; *list != '\0'; list += len, list += strspn(list, ", ")) {
		len = strcspn(list, ", ");
		snprintf(word, sizeof(word), "%.*s", (int)len, list);
		if (strspn(word, "0123456789") == strlen(word))
			jsonw_raw(w, NULL, word);
		else
			jsonw_string(w, NULL, word);
	}
	jsonw_array_end(w);
}

/* Writes the error in the form of /api. */
static void
error_body(const struct request *request, struct reply *reply, const struct err *err, const char *lang)
{
	struct jsonw w;
	/* Most details are in English only: a Chinese answer has a Chinese sentence, and the detail as its
	 * reason. An upstream's own words may be in any language. */
	bool reason = err->detail[0] != '\0' && strcmp(lang, "zh") == 0 && is_ascii(err->detail);
	jsonw_init(&w, &reply->body);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "success", false);
	jsonw_string(&w, "error", err_sentence(err, lang, !reason));
	jsonw_string(&w, "code", err_word(err->code));
	jsonw_string(&w, "requestId", request->id);
	if (err->details != NULL) {
		jsonw_raw(&w, "details", err->details);
	} else if (err->field != NULL || reason || err->upstream_status != 0) {
		jsonw_object(&w, "details");
		if (err->field != NULL)
			jsonw_string(&w, "field", err->field);
		if (err->allowed != NULL)
			write_allowed(&w, err->allowed);
		if (reason)
			jsonw_string(&w, "reason", err->detail);
		if (err->upstream_status != 0)
			jsonw_int(&w, "upstreamStatus", err->upstream_status);
		if (err->upstream_code != NULL)
			jsonw_string(&w, "upstreamCode", err->upstream_code);
		jsonw_object_end(&w);
	}
	jsonw_object_end(&w);
}

/* True where a retry within seconds cannot help: it would be in vain, or might make a second task. OpenAI's
 * clients would retry a conflict, which lasts, and an upstream does not learn a call. */
static bool
is_lasting(bool openai, const struct err *err, int status)
{
	return err->no_auto_retry || err->code == ERR_TOO_MANY_OPEN || status == 402 ||
	       (openai && (status == 409 || status == 501));
}

void
envelope_error(const struct request *request, struct reply *reply, const struct err *err, const char *lang)
{
	bool openai = openai_is_asked(request);
	int status = openai ? openai_status(err) : err_status(err->code);
	refusals_add(err->code);
	buf_clear(&reply->body);
	if (openai)
		openai_error_body(reply, err, lang);
	else
		error_body(request, reply, err, lang);
	reply->status = status;
	reply_header(reply, "Content-Type", "application/json; charset=utf-8");
	if (is_lasting(openai, err, status))
		reply_header(reply, "x-should-retry", "false");
	if (status == 401 && strstr(buf_str(&reply->headers), "WWW-Authenticate: ") == NULL)
		reply_header(reply, "WWW-Authenticate", "Bearer");
	if (status == 429 || status == 503) {
		int64_t seconds = (err->retry_after_ms + 999) / 1000;
		reply_headerf(reply, "Retry-After", "%" PRId64, seconds > 0 ? seconds : 1);
	}
	envelope_headers(request->id, reply);
}
