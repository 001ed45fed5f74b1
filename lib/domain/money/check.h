/* Whether a user can pay: balance and budgets. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_MONEY_CHECK_H
#define DOMAIN_MONEY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/budget.h"

struct arena;
struct domain_env;

/* The most that a client agrees to pay for all that it asks for. */
struct price_cap {
	bool set;
	int64_t most; /* in micro-units */
};

struct check {
	struct budget_owner owner;
	const struct payer *payer;   /* what its group says (a quote knows it); NULL = to be read */
	struct budget_list *budgets; /* where its budgets are kept for the next check of this transaction,
	                                in the arena that was given; NULL = nowhere */
	int64_t amount;              /* of all that is asked for together, in micro-units */
	int64_t now;                 /* ms since the epoch */
	struct price_cap cap;
};

/* Why a user cannot pay, or would not. */
struct check_refusal {
	int64_t required; /* with each of them */
	/* with ERR_NO_CREDIT */
	int64_t available; /* what may still be spent, the credit line included */
	int64_t held;
	/* with ERR_OVER_BUDGET */
	enum budget_subject subject;
	enum window_kind window;
	int64_t limit, used;
	int64_t resets_at; /* ms since the epoch; 0 = never */
	/* how amounts are shown */
	const char *currency; /* of the configuration */
	int64_t decimals;
};

/* Checks what the client has agreed to, the balance, then the budgets of the user (its group's, where it has
 * none of its own), of the key, of the channel, and of all. ERR_PRICE_CHANGED, ERR_NO_CREDIT,
 * ERR_OVER_BUDGET, with `ret_refusal`. Writes nothing: what it says holds until the transaction ends. What
 * costs nothing needs no credit. */
enum err_code check_payable(const struct domain_env *env, struct arena *arena, const struct check *check,
                            struct check_refusal *ret_refusal);

/* A budget, and how far it is used. */
struct budget_state {
	enum budget_subject subject;
	const char *who; /* as in struct budget_row */
	enum window_kind window;
	int64_t limit, used;
	int64_t resets_at; /* as above */
};

struct budget_states {
	struct budget_state *items;
	size_t count;
};

/* True where a week begins on Sunday, by the configuration. */
bool check_weeks_on_sunday(const struct domain_env *env);

/* Finds out how far the budget is used at `now`. */
enum err_code check_budget(const struct domain_env *env, const struct budget_row *row, int64_t now,
                           struct budget_state *ret_state);

/* ret_room: false where a budget of the channel has no room for the amount at `now`. What costs nothing needs
 * none. */
enum err_code check_channel_room(const struct domain_env *env, struct arena *arena, const char *channel,
                                 int64_t amount, int64_t now, bool *ret_room);

/* Lists the budgets that the owner must keep within, as they are used at `check->now`: an array in the arena.
 * Amount and cap are ignored. */
enum err_code check_budgets(const struct domain_env *env, struct arena *arena, const struct check *check,
                            struct budget_states *ret_states);

#endif
