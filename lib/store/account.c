/* Accounts and transfers: see account.h. */
#include "store/account.h"

#include "store/db.h"

/* Accounts, in the order of their numbers: the house's three, then two a user. */
enum account { FUNDING = 1, REVENUE = 2, ADJUST = 3, AVAILABLE, HELD };

/* What a kind of transfer does: from which account to which. */
static const struct flow {
	enum account debit, credit;
} flows[] = {
    [TRANSFER_GRANT] = {FUNDING, AVAILABLE}, [TRANSFER_REDEEM] = {FUNDING, AVAILABLE},
    [TRANSFER_RESERVE] = {AVAILABLE, HELD},  [TRANSFER_SETTLE] = {HELD, REVENUE},
    [TRANSFER_RELEASE] = {HELD, AVAILABLE},  [TRANSFER_REFUND] = {REVENUE, AVAILABLE},
    [TRANSFER_TAKE] = {AVAILABLE, ADJUST},
};

/* Returns the number of an account, as the schema checks it: users count from 1. */
static int64_t
number_of(enum account account, int64_t user_id)
{
	return account < AVAILABLE ? (int64_t)account : (int64_t)account + 2 * (user_id - 1);
}

enum err_code
store_balance(struct store *store, int64_t user_id, struct balance *ret_balance)
{
	struct query query = db_query(store, SQL_ACCOUNT_BALANCE);
	struct balance balance = {0};
	db_int(&query, ":held", number_of(HELD, user_id));
	db_int(&query, ":available", number_of(AVAILABLE, user_id));
	if (db_step(&query))
		balance = (struct balance){.available = db_column_int(&query, 0),
		                           .held = db_column_int(&query, 1),
		                           .credit_line = db_column_int(&query, 2)};
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_balance = balance;
	return err;
}

static enum err_code
open_accounts(struct store *store, int64_t user_id)
{
	struct query query = db_query(store, SQL_ACCOUNT_OPEN);
	db_int(&query, ":available", number_of(AVAILABLE, user_id));
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":held", number_of(HELD, user_id));
	return db_run(&query);
}

/* By what a transfer changes an account: it is credited, debited, or neither. */
static int64_t
change_of(const struct transfer *transfer, enum account account)
{
	const struct flow *flow = &flows[transfer->kind];
	return ((flow->credit == account) - (flow->debit == account)) * transfer->amount;
}

static enum err_code
add_row(struct store *store, const struct transfer *transfer)
{
	const struct flow *flow = &flows[transfer->kind];
	const int64_t user_id = transfer->user_id;
	struct query query = db_query(store, SQL_ACCOUNT_TRANSFER);
	db_int(&query, ":at", transfer->at);
	db_text(&query, ":kind", transfer_kind_word(transfer->kind));
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":debit", number_of(flow->debit, user_id));
	db_int(&query, ":credit", number_of(flow->credit, user_id));
	db_int(&query, ":amount", transfer->amount);
	db_int(&query, ":change", change_of(transfer, AVAILABLE));
	db_int(&query, ":available", number_of(AVAILABLE, user_id));
	db_natural(&query, ":charge_id", transfer->charge_id > 0 ? transfer->charge_id : -1);
	db_natural(&query, ":code_id", transfer->code_id > 0 ? transfer->code_id : -1);
	db_text(&query, ":reference", transfer->reference);
	db_text(&query, ":note", transfer->note);
	db_text(&query, ":actor", transfer->actor);
	return db_run(&query);
}

/* Changes the balance of one of the user's accounts, where the transfer does. */
static enum err_code
move(struct store *store, const struct transfer *transfer, enum account account)
{
	const int64_t amount = change_of(transfer, account);
	if (amount == 0)
		return ERR_OK;
	struct query query = db_query(store, SQL_ACCOUNT_MOVE);
	db_int(&query, ":amount", amount);
	db_int(&query, ":id", number_of(account, transfer->user_id));
	return db_run_one(&query, ERR_INTERNAL);
}

enum err_code
store_transfer(struct store *store, const struct transfer *transfer, struct transfer *ret)
{
	/* What is not of a charge may be the first that a user has. */
	enum err_code err = transfer->charge_id == 0 ? open_accounts(store, transfer->user_id) : ERR_OK;
	if (err == ERR_OK)
		err = add_row(store, transfer);
	int64_t id = db_inserted(store);
	if (err == ERR_OK)
		err = move(store, transfer, AVAILABLE);
	if (err == ERR_OK)
		err = move(store, transfer, HELD);
	if (err != ERR_OK || ret == NULL)
		return err;
	struct balance balance;
	err = store_balance(store, transfer->user_id, &balance);
	if (err == ERR_OK) {
		*ret = *transfer;
		ret->id = id;
		ret->balance = balance.available;
	}
	return err;
}

static void
read_transfer(struct query *query, struct arena *arena, void *ret_transfer)
{
	const char *kind = db_column_text(query, 2);
	if (kind == NULL)
		return;
	*(struct transfer *)ret_transfer = (struct transfer){
	    .id = db_column_int(query, 0),
	    .at = db_column_int(query, 1),
	    .kind = transfer_kind_of(kind),
	    .user_id = db_column_int(query, 3),
	    .amount = db_column_int(query, 4),
	    .balance = db_column_int(query, 5),
	    .charge_id = db_column_int(query, 6),
	    .code_id = db_column_int(query, 7),
	    .reference = db_column_copy(query, arena, 8),
	    .note = db_column_copy(query, arena, 9),
	    .actor = db_column_copy(query, arena, 10),
	    .video_id = db_column_copy(query, arena, 11),
	};
}

enum err_code
store_transfer_by_reference(struct store *store, struct arena *arena, const char *reference,
                            struct transfer *ret_transfer)
{
	struct query query = db_query(store, SQL_ACCOUNT_BY_REFERENCE);
	db_text(&query, ":reference", reference);
	return db_end_one(&query, arena, read_transfer, sizeof(*ret_transfer), ret_transfer);
}

enum err_code
store_transfer_list(struct store *store, struct arena *arena, int64_t user_id, int64_t before, int64_t most,
                    struct transfer_page *ret_page)
{
	struct query query = db_query(store, user_id > 0 ? SQL_ACCOUNT_STATEMENT : SQL_ACCOUNT_STATEMENT_ALL);
	if (user_id > 0)
		db_int(&query, ":user_id", user_id);
	db_int(&query, ":before", before);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_transfer, sizeof(*ret_page->items), &ret_page->items,
	                   &ret_page->count);
}

enum err_code
store_credit_line(struct store *store, int64_t user_id, int64_t line)
{
	enum err_code err = open_accounts(store, user_id);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_ACCOUNT_LINE);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":line", line);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_ledger_totals(struct store *store, struct ledger_totals *ret_totals)
{
	struct query query = db_query(store, SQL_ACCOUNT_TOTALS);
	struct ledger_totals totals = {0};
	if (db_step(&query)) {
		totals.available = db_column_int(&query, 0);
		totals.held = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_ACCOUNT_REVENUE);
	err = db_end_number(&query, 0, &totals.revenue);
	if (err == ERR_OK) {
		query = db_query(store, SQL_ACCOUNT_IMBALANCE);
		err = db_end_number(&query, 0, &totals.imbalance);
	}
	if (err == ERR_OK)
		*ret_totals = totals;
	return err;
}
