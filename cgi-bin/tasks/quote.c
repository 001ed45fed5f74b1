/* POST /api/prices/quote
 *
 * The fields of a creation; with `videoId`, and perhaps `job` (remix, edit, extend), those of what is made
 * from that video → {amountMicro, seconds, size, enough, shortMicro, refusedBy?}: what it would cost (n
 * videos together), with what it would be asked for where nothing is said; whether credit and budgets are
 * enough for that, and if not, how much is missing; and by which code a creation would be refused now.
 * Without billing it costs 0. Errors: bad_field, model_not_priced, task_not_found. Writes nothing. Reads
 * tariff, account, budget, rate. */
#include "api/call.h"
#include "api/payment.h"
#include "base/clock.h"
#include "base/config.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "domain/money/quote.h"
#include "domain/task/admit.h"
#include "handlers.h"
#include "quote_fields.h"
#include "store/user.h"

struct verdict {
	enum err_code unpaid;  /* why it cannot be paid; ERR_OK = it can */
	enum err_code refused; /* the first that would refuse it, in the order of a creation */
	struct check_refusal why;
};

static enum err_code
judge(struct call *call, const struct domain_env *env, const struct quote_fields *asked, int64_t amount,
      struct verdict *verdict)
{
	const struct user *user = call->user;
	const int64_t now = clock_wall_ms();
	struct check check = {
	    .owner = {.user_id = user->id, .api_key = user->key_id}, .amount = amount, .now = now};
	const char *model = asked->priced.model;
	struct admit wanted = {.user_id = user->id,
	                       .api_key = user->key_id,
	                       .model = model[0] != '\0' ? model : NULL,
	                       .count = asked->count};
	int64_t wait_ms;
	enum err_code err = check_payable(env, call->arena, &check, &verdict->why);
	if (err != ERR_OK && err != ERR_NO_CREDIT && err != ERR_OVER_BUDGET)
		return err;
	verdict->unpaid = err;
	err = admit_check(env, call->arena, &wanted, now, &wait_ms);
	if (err != ERR_OK && err != ERR_MODEL_NOT_ALLOWED && err != ERR_TOO_MANY_OPEN &&
	    err != ERR_RATE_LIMITED)
		return err;
	verdict->refused = err != ERR_OK                                ? err
	                   : asked->cap.set && amount > asked->cap.most ? ERR_PRICE_CHANGED
	                                                                : verdict->unpaid;
	return ERR_OK;
}

static int64_t
missing(const struct verdict *verdict)
{
	const struct check_refusal *why = &verdict->why;
	if (verdict->unpaid == ERR_NO_CREDIT)
		return why->required - why->available;
	return verdict->unpaid == ERR_OVER_BUDGET ? why->used + why->required - why->limit : 0;
}

struct err
tasks_quote(struct call *call)
{
	const struct domain_env env = {.config = call->config, .store = call->store};
	struct quote_fields asked;
	struct prices prices = {.at = clock_wall_ms()};
	struct quote quote;
	struct verdict verdict = {0};
	struct err err = quote_fields_read(call, &asked);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = quote_of(&env, call->arena, call->user->id, &asked.priced, &prices, &quote);
	if (code != ERR_OK)
		return payment_is_wrong(code, &quote) ? payment_error(code, &quote, &verdict.why, call->arena)
		                                      : err_of(code);
	int64_t amount = quote.billed ? quote.amount * asked.count : 0;
	code = judge(call, &env, &asked, amount, &verdict);
	if (code != ERR_OK)
		return err_of(code);
	const char *size = quote.billed ? quote.size : asked.priced.size;
	struct jsonw w = call_answer_begin(call);
	jsonw_int(&w, "amountMicro", amount);
	jsonw_int(&w, "seconds", quote.billed ? quote.seconds : asked.priced.seconds);
	jsonw_string(&w, "size", size[0] != '\0' ? size : NULL);
	jsonw_bool(&w, "enough", verdict.unpaid == ERR_OK);
	jsonw_int(&w, "shortMicro", missing(&verdict));
	if (verdict.refused != ERR_OK)
		jsonw_string(&w, "refusedBy", err_word(verdict.refused));
	return call_answer_end(call, &w, 200);
}
