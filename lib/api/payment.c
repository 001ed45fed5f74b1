/* Money as clients see it: see payment.h. */
#include "api/payment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/amount.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "model/task.h"

#define HEADER "X-Max-Price-Micro"

enum { DETAILS_MOST = 1000, DIGITS_MOST = 16 };

/* ---- what the client agrees to ---- */

struct err
payment_cap(struct call *call, const struct field_int *body, struct price_cap *ret_cap)
{
	const char *header = request_header(call->request, HEADER);
	struct price_cap cap = {body->set, body->value};
	if (header != NULL) {
		size_t len = strspn(header, "0123456789");
		int64_t most = len <= DIGITS_MOST ? strtoll(header, NULL, 10) : AMOUNT_MOST + 1;
		if (len == 0 || header[len] != '\0' || most > AMOUNT_MOST)
			return err_say(ERR_BAD_FIELD, HEADER,
			               HEADER " must be a whole number from 0 to %" PRId64 ".", AMOUNT_MOST);
		if (cap.set && cap.most != most)
			return err_say(ERR_BAD_FIELD, "maxPriceMicro",
			               "maxPriceMicro and " HEADER " differ.");
		cap = (struct price_cap){true, most};
	}
	*ret_cap = cap;
	return err_of(ERR_OK);
}

/* ---- why it cannot be paid ---- */

bool
payment_is_wrong(enum err_code code, const struct quote *quote)
{
	return code == ERR_NOT_PRICED || code == ERR_PRICE_CHANGED || code == ERR_NO_CREDIT ||
	       code == ERR_OVER_BUDGET || (code == ERR_BAD_FIELD && quote->most > 0);
}

/* Writes the details of a refusal, a JSON object in the arena; NULL when memory is short. */
static const char *
details_of(enum err_code code, const struct check_refusal *refusal, struct arena *arena)
{
	char time[CLOCK_TEXT_SIZE];
	struct jsonw w;
	struct buf *text = buf_in_arena(arena, DETAILS_MOST);
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	jsonw_int(&w, code == ERR_PRICE_CHANGED ? "amountMicro" : "requiredMicro", refusal->required);
	if (code == ERR_NO_CREDIT) {
		jsonw_int(&w, "availableMicro", refusal->available);
		jsonw_int(&w, "heldMicro", refusal->held);
		jsonw_int(&w, "shortMicro", refusal->required - refusal->available);
	} else if (code == ERR_OVER_BUDGET) {
		jsonw_string(&w, "subject", budget_subject_word(refusal->subject));
		jsonw_string(&w, "window", window_word(refusal->window));
		jsonw_int(&w, "limitMicro", refusal->limit);
		jsonw_int(&w, "usedMicro", refusal->used);
		if (refusal->resets_at > 0)
			clock_text(refusal->resets_at, time);
		jsonw_string(&w, "resetsAt", refusal->resets_at > 0 ? time : NULL);
	}
	jsonw_string(&w, "currency", refusal->currency);
	jsonw_object_end(&w);
	return text->failed ? NULL : buf_str(text);
}

static const char *const subjects_in_chinese[] = {
    [BUDGET_USER] = "用户", [BUDGET_KEY] = "密钥", [BUDGET_CHANNEL] = "渠道", [BUDGET_ALL] = "全局"};
static const char *const windows_in_chinese[] = {
    [WINDOW_DAY] = "每日", [WINDOW_WEEK] = "每周", [WINDOW_MONTH] = "每月", [WINDOW_TOTAL] = "累计"};

/* The sentences of a refusal. */
static struct err
say(enum err_code code, const struct check_refusal *refusal, struct arena *arena)
{
	const char *currency = refusal->currency;
	const int64_t decimals = refusal->decimals;
	char price[AMOUNT_SIZE], other[AMOUNT_SIZE], used[AMOUNT_SIZE];
	amount_show(refusal->required, currency, decimals, true, price);
	if (code == ERR_PRICE_CHANGED)
		return err_in_chinese(err_say(code, NULL, "This costs %s now.", price),
		                      arena_printf(arena, "当前价格为 %s。", price));
	if (code == ERR_NO_CREDIT) {
		amount_show(refusal->available, currency, decimals, false, other);
		return err_in_chinese(err_say(code, NULL, "This costs %s; %s is available.", price, other),
		                      arena_printf(arena, "此操作需要 %s，可用余额为 %s。", price, other));
	}
	amount_show(refusal->limit, currency, decimals, false, other);
	amount_show(refusal->used, currency, decimals, true, used);
	return err_in_chinese(
	    err_say(code, NULL, "This costs %s; of the budget of %s (%s, %s), %s is used.", price, other,
	            budget_subject_word(refusal->subject), window_word(refusal->window), used),
	    arena_printf(arena, "此操作需要 %s，预算 %s（%s，%s）已使用 %s。", price, other,
	                 subjects_in_chinese[refusal->subject], windows_in_chinese[refusal->window], used));
}

struct err
payment_error(enum err_code code, const struct quote *quote, const struct check_refusal *refusal,
              struct arena *arena)
{
	if (code == ERR_NOT_PRICED && quote->wanted != NULL)
		return err_in_chinese(
		    err_say(code, quote->wanted, "The price depends on %s; please name it.", quote->wanted),
		    "价格取决于此参数，请指定。");
	if (code == ERR_NOT_PRICED)
		return err_of(code);
	if (code == ERR_BAD_FIELD)
		return err_in_chinese(
		    err_say(code, "seconds", "seconds must be at most %" PRId64 ".", quote->most),
		    arena_printf(arena, "秒数最多为 %" PRId64 "。", quote->most));
	struct err err = say(code, refusal, arena);
	err.details = details_of(code, refusal, arena);
	err.no_auto_retry = true;
	return err;
}

/* ---- what a task costs ---- */

static const char *
charge_word(const struct charge_shown *charge)
{
	if (charge->reserved == 0)
		return "free";
	return charge->state == CHARGE_SETTLED ? "charged" : charge_state_word(charge->state);
}

void
payment_view(struct jsonw *w, const struct task *task)
{
	const struct charge_shown *charge = &task->charge;
	if (charge->state == CHARGE_NONE) {
		/* As where money is off: the three members at once, as lists of a hundred are written often.
		 */
		jsonw_raw(w, "priceMicro", "null,\"charge\":null,\"chargedMicro\":null");
		return;
	}
	jsonw_int(w, "priceMicro", charge->reserved);
	jsonw_string(w, "charge", charge_word(charge));
	jsonw_int(w, "chargedMicro", charge->charged);
}

void
payment_usage(struct jsonw *w, const struct task *task, const char *currency)
{
	char cost[AMOUNT_SIZE];
	const struct charge_shown *charge = &task->charge;
	if (charge->state == CHARGE_NONE)
		return;
	amount_text(charge->state == CHARGE_HELD ? charge->reserved : charge->charged, cost);
	jsonw_object(w, "usage");
	jsonw_raw(w, "cost", cost);
	jsonw_string(w, "currency", currency);
	jsonw_object_end(w);
}
