/* POST /api/account/redeem {code}
 *
 * {amountMicro, availableMicro}: the code's credit is the caller's. Upper or lower case, blanks and dashes do
 * not matter. Errors: bad_field, code_unknown, code_used (by anybody as often as it may be, or by the
 * caller), code_expired, rate_limited (rate_redeem, right or wrong: codes cannot be guessed). Writes through
 * domain/money/code.h. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "api/call.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/money/code.h"
#include "handlers.h"
#include "store/rate.h"
#include "store/store.h"
#include "web/field.h"

struct body {
	const char *code;
};

static const struct field fields[] = {
    {"code", FIELD_LINE, offsetof(struct body, code), .required = true, .min = 1, .max = LIMIT_WORD},
};

static enum err_code
count_attempt(struct call *call, int64_t now, int64_t *ret_wait_ms)
{
	char bucket[40];
	snprintf(bucket, sizeof(bucket), "redeem:%" PRId64, call->user->id);
	enum err_code err = store_begin(call->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_rate_take(call->store, bucket, call->config->rate_redeem, now, ret_wait_ms);
	return store_end(call->store, err);
}

struct err
tasks_redeem(struct call *call)
{
	struct body body = {0};
	struct transfer transfer;
	int64_t now = clock_wall_ms();
	struct err err = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
	                                      LIMIT_JSON_BODY, &body);
	if (err.code == ERR_OK)
		err.code = count_attempt(call, now, &err.retry_after_ms);
	if (err.code == ERR_OK)
		err.code = store_begin(call->store, STORE_DURABLE);
	else
		return err;
	if (err.code == ERR_OK)
		err.code = code_redeem(call->store, call->arena, call->user->id, body.code, now, &transfer);
	err.code = store_end(call->store, err.code);
	if (err.code == ERR_BAD_FIELD)
		return err_say(ERR_BAD_FIELD, "code", "There would be more credit than an account can hold.");
	if (err.code != ERR_OK)
		return err;
	struct jsonw w = call_answer_begin(call);
	jsonw_int(&w, "amountMicro", transfer.amount);
	jsonw_int(&w, "availableMicro", transfer.balance);
	return call_answer_end(call, &w, 200);
}
