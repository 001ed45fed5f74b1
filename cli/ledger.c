/* longreel ledger, longreel audit: what was moved, whether it adds up, and what operators have done. */
#include <stdio.h>

#include "base/arena.h"
#include "cli.h"
#include "domain/env.h"
#include "domain/money/ledger.h"
#include "sheet.h"
#include "store/account.h"
#include "store/audit.h"
#include "store/store.h"
#include "store/user.h"

enum { PRESET = 20, FAULTS = 20 /* of each rule */ };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

static const struct sheet_column fault_columns[] = {
    {"RULE", 10, 0, "rule", SHEET_TEXT}, {"WHAT IS WRONG", 0, 0, "what", SHEET_TEXT}, {0}};

static int
check(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct ledger_fault *faults;
	struct sheet sheet;
	size_t count;

	const struct domain_env env = {.store = store};
	enum err_code err = ledger_check(&env, arena, FAULTS, &faults, &count);
	if (err != ERR_OK)
		return fail_with(err);
	if (count == 0 && !call->json) {
		printf("the accounts add up\n");
		return cli_finish();
	}
	if (!sheet_begin(&sheet, call, arena, fault_columns, "faults"))
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++)
		sheet_row(&sheet,
		          (const struct cell[]){CELL_TEXT(faults[i].rule), CELL_TEXT(faults[i].what)});
	int result = sheet_end(&sheet);
	return result == CLI_DONE && count > 0 ? CLI_FAILED : result;
}

static const struct sheet_column transfer_columns[] = {
    {"ID", 6, 0, "id", SHEET_INT},
    {"AT", CLI_TIME_WIDTH, 0, "at", SHEET_TIME},
    {"USER", 6, 0, "user", SHEET_INT},
    {"KIND", 8, 0, "kind", SHEET_TEXT},
    {"AMOUNT", 12, 0, "amountMicro", SHEET_AMOUNT},
    {"AVAILABLE", 12, 0, "balanceMicro", SHEET_AMOUNT},
    {"CHARGE", 6, 0, "charge", SHEET_INT},
    {"VIDEO", 32, 0, "videoId", SHEET_TEXT},
    {"REFERENCE", 12, 0, "reference", SHEET_TEXT},
    {"BY", 10, 0, "actor", SHEET_TEXT},
    {"NOTE", 0, 0, "note", SHEET_TEXT},
    {0},
};

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct transfer_page page;
	struct sheet sheet;
	struct user user = {0};

	enum err_code err = call->user != NULL ? store_user_by_name(store, arena, call->user, &user) : ERR_OK;
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no user %s.", call->user);
	if (err == ERR_OK)
		err = store_transfer_list(store, arena, user.id, INT64_MAX,
		                          call->limit > 0 ? call->limit : PRESET, &page);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, transfer_columns, "transfers"))
		return CLI_FAILED;
	for (size_t i = 0; i < page.count; i++) {
		const struct transfer *transfer = &page.items[i];

		sheet_row(&sheet,
		          (const struct cell[]){
		              CELL_NUMBER(transfer->id), CELL_NUMBER(transfer->at),
		              CELL_NUMBER(transfer->user_id), CELL_TEXT(transfer_kind_word(transfer->kind)),
		              CELL_NUMBER(transfer->amount), CELL_NUMBER(transfer->balance),
		              CELL_NUMBER(transfer->charge_id != 0 ? transfer->charge_id : SHEET_NONE),
		              CELL_TEXT(transfer->video_id), CELL_TEXT(transfer->reference),
		              CELL_TEXT(transfer->actor), CELL_TEXT(transfer->note)});
	}
	return sheet_end(&sheet);
}

static const struct sheet_column audit_columns[] = {
    {"ID", 6, 0, "id", SHEET_INT},           {"AT", CLI_TIME_WIDTH, 0, "at", SHEET_TIME},
    {"BY", 10, 0, "actor", SHEET_TEXT},      {"ADDRESS", 15, 0, "address", SHEET_TEXT},
    {"ACTION", 14, 0, "action", SHEET_TEXT}, {"OF", 20, 0, "subject", SHEET_TEXT},
    {"DETAIL", 0, 0, "detail", SHEET_TEXT},  {0},
};

static int
audit(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct audit *rows;
	struct sheet sheet;
	size_t count;

	enum err_code err =
	    store_audit_list(store, arena, INT64_MAX, call->limit > 0 ? call->limit : PRESET, &rows, &count);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, audit_columns, "audit"))
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++)
		sheet_row(&sheet, (const struct cell[]){CELL_NUMBER(rows[i].id), CELL_NUMBER(rows[i].at),
		                                        CELL_TEXT(rows[i].actor), CELL_TEXT(rows[i].address),
		                                        CELL_TEXT(rows[i].action), CELL_TEXT(rows[i].subject),
		                                        CELL_TEXT(rows[i].detail)});
	return sheet_end(&sheet);
}

int
cli_ledger_check(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, check);
}

int
cli_ledger_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_audit_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, audit);
}
