/* Credit: see credit.h. */
#include "domain/money/credit.h"

#include <stddef.h>

#include "base/amount.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "store/account.h"
#include "store/charge.h"

bool
credit_fits(const struct balance *balance, int64_t amount)
{
	return amount <= AMOUNT_MOST && balance->available + balance->held + amount <= AMOUNT_MOST;
}

static enum err_code
repeat(const struct credit *credit, const struct transfer *found, struct transfer *ret_transfer,
       bool *ret_repeated)
{
	int64_t amount = found->kind == TRANSFER_TAKE ? -found->amount : found->amount;
	bool given = found->kind == TRANSFER_GRANT || found->kind == TRANSFER_TAKE;
	if (!given || found->user_id != credit->user_id || amount != credit->amount)
		return ERR_REFERENCE_REUSED;
	*ret_transfer = *found;
	*ret_repeated = true;
	return ERR_OK;
}

enum err_code
credit_add(struct store *store, struct arena *arena, const struct credit *credit,
           struct transfer *ret_transfer, bool *ret_repeated)
{
	const struct transfer transfer = {
	    .at = credit->now,
	    .kind = credit->amount > 0 ? TRANSFER_GRANT : TRANSFER_TAKE,
	    .user_id = credit->user_id,
	    .amount = credit->amount > 0 ? credit->amount : -credit->amount,
	    .reference = credit->reference,
	    .note = credit->note,
	    .actor = credit->actor,
	};
	struct balance balance;
	enum err_code err = ERR_NOT_FOUND;
	if (credit->reference != NULL)
		err = store_transfer_by_reference(store, arena, credit->reference, ret_transfer);
	if (err == ERR_OK)
		return repeat(credit, ret_transfer, ret_transfer, ret_repeated);
	if (err != ERR_NOT_FOUND)
		return err;
	err = store_balance(store, credit->user_id, &balance);
	if (err != ERR_OK)
		return err;
	if (credit->amount == 0 || transfer.amount > AMOUNT_MOST || !credit_fits(&balance, credit->amount))
		return ERR_BAD_FIELD;
	if (credit->amount < 0 && balance.available < transfer.amount)
		return ERR_LESS_CREDIT;
	err = store_transfer(store, &transfer, ret_transfer);
	kill_point("credit.added");
	if (err == ERR_OK)
		*ret_repeated = false;
	return err;
}

enum err_code
credit_signup(struct store *store, const struct config *config, int64_t user_id, int64_t now)
{
	int64_t amount = 0;
	struct balance balance;
	if (!amount_read(config->signup_credit, &amount) || amount <= 0)
		return ERR_OK;
	enum err_code err = store_balance(store, user_id, &balance);
	if (err == ERR_OK && !credit_fits(&balance, amount)) /* an invitation has given credit, too */
		amount = AMOUNT_MOST - balance.available - balance.held;
	if (err != ERR_OK || amount == 0)
		return err;
	const struct transfer transfer = {.at = now,
	                                  .kind = TRANSFER_GRANT,
	                                  .user_id = user_id,
	                                  .amount = amount,
	                                  .note = "signup_credit",
	                                  .actor = "longreel"};
	err = store_transfer(store, &transfer, NULL);
	kill_point("credit.granted");
	return err;
}

enum err_code
credit_refund(struct store *store, struct arena *arena, int64_t charge_id, const struct credit *words)
{
	struct charge charge;
	struct balance balance;
	enum err_code err = store_charge_by_id(store, arena, charge_id, &charge);
	if (err == ERR_OK)
		err = store_balance(store, charge.user_id, &balance);
	if (err != ERR_OK)
		return err;
	if (charge.state != CHARGE_SETTLED || charge.refunded > 0 || charge.charged == 0)
		return ERR_NOT_SETTLED;
	if (!credit_fits(&balance, charge.charged))
		return ERR_BAD_FIELD;
	err = store_charge_refund(store, &charge, charge.charged, words->note, words->actor, words->now);
	kill_point("credit.refunded");
	return err;
}
