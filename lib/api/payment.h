/* Money as clients see it: what a task costs, and why it cannot be paid. Thread-safe. */
#ifndef API_PAYMENT_H
#define API_PAYMENT_H

#include "base/err.h"
#include "base/json.h"
#include "domain/money/check.h"
#include "domain/money/quote.h"
#include "web/field.h"

struct arena;
struct call;
struct config;
struct task;

/* Reads the most that the client agrees to pay: maxPriceMicro of the body, or the header X-Max-Price-Micro,
 * which means the same. ERR_BAD_FIELD where they differ, or the header is no amount. */
struct err payment_cap(struct call *call, const struct field_int *body, struct price_cap *ret_cap);

/* True for the errors of quotes and checks that payment_error() explains. */
bool payment_is_wrong(enum err_code code, const struct quote *quote);

/* The error of a creation or a retry that has no price, or that cannot be paid: a sentence, and details for
 * programs. What it says may live in `arena`. */
struct err payment_error(enum err_code code, const struct quote *quote, const struct check_refusal *refusal,
                         struct arena *arena);

/* Writes priceMicro, charge and chargedMicro as members of a task's object; null where it has no charge. */
void payment_view(struct jsonw *w, const struct task *task);

/* Writes the member usage of OpenAI's Video, {cost, currency}, where the task has a charge. */
void payment_usage(struct jsonw *w, const struct task *task, const char *currency);

#endif
