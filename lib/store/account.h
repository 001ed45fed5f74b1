/* Accounts of users, and the transfers between them and the house. Threads and errors as in store.h; amounts
 * in micro-units (base/amount.h). */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/transfer.h"

struct arena;
struct store;

/* Reads what a user has: nothing where there is no account yet. */
enum err_code store_balance(struct store *store, int64_t user_id, struct balance *ret_balance);

/* Makes the transfer: both balances, and its row (id, balance and video_id are ignored, and the first two
 * written to `ret`, which may be NULL). ERR_CONFLICT where its charge or its reference has one already: no
 * balance is changed then. Balances that may not be are ERR_INTERNAL. */
enum err_code store_transfer(struct store *store, const struct transfer *transfer, struct transfer *ret);

/* Finds the transfer with this reference. ERR_NOT_FOUND. */
enum err_code store_transfer_by_reference(struct store *store, struct arena *arena, const char *reference,
                                          struct transfer *ret_transfer);

struct transfer_page {
	struct transfer *items;
	size_t count;
};

/* Lists a user's transfers (0 = of all), latest first, with ids below `before` (INT64_MAX = all): `most` at
 * most, an array in the arena. */
enum err_code store_transfer_list(struct store *store, struct arena *arena, int64_t user_id, int64_t before,
                                  int64_t most, struct transfer_page *ret_page);

/* Sets the user's credit line, from 0 on: how far the balance may go below 0. ERR_CONFLICT where it is
 * further below already. */
enum err_code store_credit_line(struct store *store, int64_t user_id, int64_t line);

/* What all users have, and what was earned: sums over all accounts and transfers. */
struct ledger_totals {
	int64_t available, held, revenue;
	int64_t imbalance; /* what is held more than charges hold: 0, or the accounts do not add up */
};

/* Reads the totals; costs a look at each account, and at each charge that is held or was refunded. */
enum err_code store_ledger_totals(struct store *store, struct ledger_totals *ret_totals);

#endif
