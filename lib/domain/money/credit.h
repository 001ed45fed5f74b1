/* Credit: what operators, shops and codes give to users, and take. Amounts in micro-units. Belongs to the
 * store's thread; each works inside the caller's transaction. */
#ifndef DOMAIN_MONEY_CREDIT_H
#define DOMAIN_MONEY_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/transfer.h"

struct arena;
struct balance;
struct config;
struct store;

struct credit {
	int64_t user_id;
	int64_t amount;        /* what is given; below 0 what is taken; never 0 */
	const char *reference; /* by which it is known: given twice it is done once; NULL = none */
	const char *note;      /* NULL = none */
	const char *actor;
	int64_t now; /* ms since the epoch */
};

/* True where the user may have so much more: what is on hold may come back. */
bool credit_fits(const struct balance *balance, int64_t amount);

/* Gives credit to the user, or takes it. The same with the same reference again is found, and nothing written
 * (`ret_repeated`). ERR_REFERENCE_REUSED where the reference stands for something else; ERR_LESS_CREDIT where
 * the user has less than is taken; ERR_BAD_FIELD for 0, and where the balance would be too large;
 * ERR_NOT_FOUND where there is no such user. `ret_transfer` may live in `arena`. */
enum err_code credit_add(struct store *store, struct arena *arena, const struct credit *credit,
                         struct transfer *ret_transfer, bool *ret_repeated);

/* Gives a new user what `signup_credit` says, if anything, up to the most that an account can hold. */
enum err_code credit_signup(struct store *store, const struct config *config, int64_t user_id, int64_t now);

/* Gives back what a settled charge has taken, once, by the operator's good will: all of it.
 * ERR_NOT_FOUND, ERR_NOT_SETTLED; ERR_BAD_FIELD where the balance would be too large. */
enum err_code
credit_refund(struct store *store, struct arena *arena, int64_t charge_id, const struct credit *words);

#endif
