/* Quotes: what a video costs its user, by the prices of one moment. Belongs to the thread of the
 * environment's store. */
#ifndef DOMAIN_MONEY_QUOTE_H
#define DOMAIN_MONEY_QUOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/tariff.h"
#include "store/budget.h"
#include "store/tariff.h"

struct arena;
struct domain_env;
struct task;

/* The prices of one moment: begins with `at` alone. What was read of them is kept for what is quoted next, in
 * the arenas that are given, and holds until the transaction ends. */
struct prices {
	int64_t at; /* ms since the epoch */
	/* for quote_of() only */
	int64_t user_id; /* whose group is known; 0 = of none yet */
	struct payer payer;
	const char *model; /* whose tariffs are known; NULL = of none yet */
	struct tariffs tariffs;
	struct budget_list budgets; /* for check_payable() */
};

struct quote {
	bool billed;    /* false: there is no billing, and nothing below is said */
	int64_t at;     /* when: its charge is of this time, and counts for the day of it */
	int64_t amount; /* of one video, in micro-units */
	int64_t tariff_id;
	struct payer payer; /* what the user's group says */
	const char *job;    /* "create", … */
	const char *size;   /* what is priced, the tariff's own where none was named; "" = none */
	int64_t seconds;    /* likewise; 0 = none */
	int64_t most;       /* with ERR_BAD_FIELD: the seconds that there may be */
	const char *wanted; /* with ERR_NOT_PRICED: the field that must be named for there to be a price,
	                       "seconds"; NULL = there is none */
};

/* Says what the price of a task depends on: its fields as they stand. Strings are the task's, or live for
 * ever. ERR_NO_MEMORY. */
enum err_code quote_wish(struct arena *arena, const struct task *task, struct priced *ret_priced);

/* Prices a video for a user. ERR_NOT_PRICED, also where it would cost more than any amount; ERR_BAD_FIELD
 * where it is longer than may be. Writes nothing. Without billing `ret_quote` says that alone. */
enum err_code quote_of(const struct domain_env *env, struct arena *arena, int64_t user_id,
                       const struct priced *priced, struct prices *prices, struct quote *ret_quote);

/* Prices a task, and writes into it what the tariff asks for where it names no seconds or no size, unless it
 * is made from a video (then its seconds alone, and only of an extension): what is priced is what is sent.
 * Errors as above, and ERR_NO_MEMORY. */
enum err_code quote_task(const struct domain_env *env, struct arena *arena, struct prices *prices,
                         struct task *task, struct quote *ret_quote);

#endif
