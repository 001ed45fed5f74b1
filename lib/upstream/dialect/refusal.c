/* The words of refusals: see refusal.h. */
#include "upstream/dialect/refusal.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/task.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/profile.h"

enum { UNAUTHORIZED = 401, PAYMENT_REQUIRED = 402, NOT_FOUND = 404, REDIRECT = 300 };

/* Where upstreams usually have the code of an error, and its sentence. */
static const char *const code_places[] = {
    "/error/code",
    "/error_code",
    "/errorCode",
    "/err_code",
    "/ErrCode",
    "/errcode",
    "/failure_code",
    "/failureCode",
    "/base_resp/status_code",
    "/Response/Error/Code",
    "/errors/0/code",
    "/error/0/code",
    "/error/error/code",
    "/error/error_code",
    "/detail/code",
    "/data/error/code",
    "/data/error_code",
    "/task/error/code",
    "/code",
    "/Code",
    "/error/type",
    "/error/status",
    NULL,
};
static const char *const message_places[] = {
    "/error/message",
    "/error/msg",
    "/error/detail",
    "/error/0/message",
    "/error/error/message",
    "/error/error",
    "/error/description",
    "/error/reason",
    "/error_description",
    "/issues",
    "/error",
    "/fail_reason",
    "/error_message",
    "/errorMessage",
    "/error_msg",
    "/err_msg",
    "/ErrMsg",
    "/errmsg",
    "/failure",
    "/failure/message",
    "/failure/reason",
    "/failure_reason",
    "/failureReason",
    "/failure_message",
    "/status_msg",
    "/base_resp/status_msg",
    "/Response/Error/Message",
    "/detail/message",
    "/detail/msg",
    "/detail/error",
    "/detail",
    "/errors/0/message",
    "/errors/0/detail",
    "/errors/0",
    "/errors",
    "/data/fail_reason",
    "/data/error/message",
    "/data/error",
    "/data/error_message",
    "/data/task_status_msg",
    "/data/message",
    "/data/msg",
    "/task/error/message",
    "/message",
    "/Message",
    "/msg",
    "/reason",
    "/description",
    "/title",
    NULL,
};

/* What makes an answer without an id a refusal. */
static const char *const refused_places[] = {
    "/error",
    "/errors",
    "/base_resp/status_code",
    "/ErrCode",
    "/errcode",
    "/error_code",
    "/errorCode",
    "/err_code",
    "/Response/Error",
    "/fail_reason",
    "/error_message",
    "/failure",
    "/failure_reason",
    "/detail",
    "/data/error",
    "/data/fail_reason",
    "/code",
    NULL,
};

/* Codes and sentences that speak of no error. */
static const char *const fine[] = {"0",   "00",      "200",       "201",      "202",  "ok",   "success",
                                   "ok.", "succeed", "succeeded", "accepted", "none", "null", NULL};

/* Codes and phrases, as in a profile's submit.refused. */
static const char *const account_words[] = {"invalid_api_key",
                                            "InvalidApiKey",
                                            "invalid_key",
                                            "api_key_invalid",
                                            "API_KEY_INVALID",
                                            "authentication_error",
                                            "AuthenticationError",
                                            "account_deactivated",
                                            "account_disabled",
                                            "insufficient_quota",
                                            "insufficient_user_quota",
                                            "pre_consume_token_quota_failed",
                                            "insufficient_balance",
                                            "InsufficientBalance",
                                            "insufficient_credits",
                                            "insufficient_funds",
                                            "quota_exceeded",
                                            "billing_hard_limit_reached",
                                            "billing_not_active",
                                            "payment_required",
                                            "Arrearage",
                                            "AccountOverdueError",
                                            "OverdueBalance",
                                            "insufficient balance",
                                            "insufficient credit",
                                            "insufficient credits",
                                            "insufficient quota",
                                            "not enough balance",
                                            "not enough credits",
                                            "balance is not enough",
                                            "api key not valid",
                                            "invalid api key",
                                            "incorrect api key",
                                            "余额不足",
                                            "账户余额",
                                            "额度不足",
                                            "欠费",
                                            NULL};
static const char *const later_words[] = {
    "429", "503", "rate_limit_exceeded", "rate_limited", "too_many_requests", NULL};
static const char *const model_words[] = {"model_not_found",
                                          "ModelNotFound",
                                          "model_not_exist",
                                          "ModelNotExist",
                                          "InvalidEndpointOrModel.NotFound",
                                          "model_does_not_exist",
                                          NULL};

static const char *const prompt_words[] = {"content_policy_violation",
                                           "content_policy",
                                           "content_filter",
                                           "content_moderation",
                                           "moderation_blocked",
                                           "moderation_failed",
                                           "prompt_blocked",
                                           "prompt_rejected",
                                           "invalid_prompt",
                                           "safety_violation",
                                           "sensitive_words_detected",
                                           "sensitive_content",
                                           "DataInspectionFailed",
                                           "data_inspection_failed",
                                           "InputTextSensitiveContentDetected",
                                           "InputImageSensitiveContentDetected",
                                           "content policy",
                                           "content moderation",
                                           "safety system",
                                           "sensitive content",
                                           "inappropriate content",
                                           "内容违规",
                                           "敏感内容",
                                           "敏感词",
                                           NULL};

/* ---- texts ---- */

/* True where the list has the word, in any case of its letters. */
static bool
has(const char *const *list, const char *word)
{
	while (list && *list && strcasecmp(*list, word) != 0)
		list++;
	return list && *list;
}

/* Joins the sentences of a list: of strings, or of objects that each have one, as FastAPI's are. */
static const char *
join(struct arena *arena, const struct json *list)
{
	static const char *const names[] = {"msg", "message", "detail"};
	const char *all = NULL;
	size_t most = 8;
	for (const struct json *v = json_first(list); v && most > 0; v = json_next(v), most--) {
		const char *one = json_string(v);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && one == NULL; i++)
			one = json_string(json_get(v, names[i]));
		if (one)
			all = all ? arena_printf(arena, "%s; %s", all, one) : one;
	}
	return all;
}

static const char *
read_message(struct arena *arena, const struct json *value)
{
	const char *s = json_type(value) == JSON_ARRAY ? join(arena, value) : json_string(value);
	s = s ? fact_clean(arena, s, LIMIT_UPSTREAM_TEXT) : NULL;
	return s && !has(fine, s) ? s : NULL;
}

static const char *
read_code(struct arena *arena, const struct json *value)
{
	const char *s = fact_text(arena, value);
	s = s ? fact_clean(arena, s, LIMIT_WORD) : NULL;
	return s && !has(fine, s) ? s : NULL;
}

/* Returns the first usable value at the places, or NULL. */
static const char *
find(const struct json *root, const char *const *places, struct arena *arena,
     const char *(*read)(struct arena *, const struct json *))
{
	const char *found = NULL;
	for (; places && *places && found == NULL; places++)
		found = read(arena, json_pointer(root, *places));
	return found;
}

struct refusal
refusal_read(const struct dialect *dialect, const struct json *root, struct arena *arena)
{
	struct refusal refusal = {
	    .code = find(root, dialect->facts[FACT_ERROR_CODE], arena, read_code),
	    .message = find(root, dialect->facts[FACT_ERROR_MESSAGE], arena, read_message),
	};
	if (!refusal.code)
		refusal.code = find(root, code_places, arena, read_code);
	if (!refusal.message)
		refusal.message = find(root, message_places, arena, read_message);
	return refusal;
}

/* ---- forms ---- */

/* True where the value says that something is wrong. */
static bool
is_wrong(struct arena *arena, const struct json *value, const char *const *unless)
{
	bool truth;
	if (json_bool(value, &truth)) /* where true is named as fine, false is what says that it is not */
		return has(unless, "true") ? !truth : truth;
	if (json_type(value) == JSON_ARRAY)
		return json_size(value) > 0;
	const struct json *code = json_get(value, "code");
	const char *s = fact_text(arena, code ? code : value);
	if (json_type(value) == JSON_OBJECT)
		return json_size(value) > 0 && (s == NULL || !has(unless, s));
	return s && s[0] && !has(unless, s);
}

static bool
any_wrong(const struct json *root, const char *const *places, const char *const *unless, struct arena *arena)
{
	while (places && *places && !is_wrong(arena, json_pointer(root, *places), unless))
		places++;
	return places && *places;
}

bool
refusal_is_named(const struct dialect *dialect, const struct json *root, struct arena *arena)
{
	const struct dialect_refused *refused = &dialect->refused;
	return any_wrong(root, refused->at, refused->unless ? refused->unless : fine, arena);
}

bool
refusal_is_shown(const struct dialect *dialect, const struct json *root, struct arena *arena)
{
	bool success = true;
	if (any_wrong(root, refused_places, fine, arena))
		return true;
	if (json_bool(json_get(root, "success"), &success) && !success)
		return true;
	for (const char *const *p = dialect->facts[FACT_STATUS]; p && *p; p++) {
		const char *word = fact_scalar(arena, json_pointer(root, *p));
		if (word && dialect_status(dialect, word) == POLL_ERROR)
			return true;
	}
	return false;
}

/* ---- meanings ---- */

/* True where `text` holds the phrase, in any case of its letters. */
static bool
holds(const char *text, const char *phrase)
{
	size_t len = strlen(phrase);
	while (*text && strncasecmp(text, phrase, len) != 0)
		text++;
	return *text;
}

/* True where the phrase is in the sentence, and not in what the task says, which the sentence may quote. */
static bool
says(const char *sentence, const char *phrase, const struct task *task)
{
	if (sentence == NULL || !holds(sentence, phrase))
		return false;
	return task == NULL || !((task->prompt && holds(task->prompt, phrase)) ||
	                         (task->model && holds(task->model, phrase)));
}

/* True where the list has the code, or a phrase of the sentence: what has a blank or is not ASCII is a
 * phrase.
 */
static bool
matches(const char *const *list, const struct refusal *refusal, const struct task *task)
{
	for (; list && *list; list++) {
		bool phrase = false;
		for (const char *p = *list; *p && !phrase; p++)
			phrase = *p == ' ' || (unsigned char)*p >= 0x80;
		if (refusal->code && strcasecmp(*list, refusal->code) == 0)
			return true;
		if (phrase && says(refusal->message, *list, task))
			return true;
	}
	return false;
}

/* True where the sentence says that a model is missing. */
static bool
misses_model(const char *message)
{
	return message && holds(message, "model") &&
	       (holds(message, "not found") || holds(message, "not exist") || holds(message, "no such") ||
	        holds(message, "unknown") || holds(message, "not available") ||
	        holds(message, "not support"));
}

enum refusal_kind
refusal_judge(const struct dialect *dialect, const struct refusal *refusal, const struct task *task,
              int status)
{
	const struct dialect_refused *refused = &dialect->refused;
	if (matches(refused->later, refusal, task))
		return REFUSAL_LATER;
	if (status == UNAUTHORIZED || status == PAYMENT_REQUIRED || matches(refused->key, refusal, task) ||
	    matches(dialect->auth_refused, refusal, task) || matches(account_words, refusal, task))
		return REFUSAL_ACCOUNT;
	if (status < REDIRECT && refusal->code) {
		static const char *const account_codes[] = {"401", "402", NULL};
		if (has(account_codes, refusal->code))
			return REFUSAL_ACCOUNT;
		if (has(later_words, refusal->code))
			return REFUSAL_LATER;
	}
	if (matches(model_words, refusal, task) || (status == NOT_FOUND && misses_model(refusal->message)))
		return REFUSAL_MODEL;
	if (matches(prompt_words, refusal, task))
		return REFUSAL_PROMPT;
	return REFUSAL_PLAIN;
}
