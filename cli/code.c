/* longreel code, longreel invite: codes that give credit, and those that one registers with. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "base/limits.h"
#include "cli.h"
#include "domain/money/code.h"
#include "limits.h"
#include "sheet.h"
#include "store/code.h"
#include "store/group.h"
#include "store/store.h"
#include "when.h"

enum { PAGE = 1000 };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

/* Reads the options that both kinds have. On failure says why and returns false. */
static bool
read_options(const struct cli_call *call, struct code *code)
{
	code->batch = call->batch != NULL ? call->batch : code->invite ? "invite" : "code";
	code->uses_max = call->uses > 0 ? call->uses : 1;
	code->created_at = clock_wall_ms();
	code->created_by = "cli";
	if (!ids_is_word(code->batch, LIMIT_WORD)) {
		cli_fail("--batch must be a word of letters, digits, - and _.");
		return false;
	}
	if (call->amount != NULL && !cli_read_amount("--amount", call->amount, 1, &code->amount))
		return false;
	if (call->expires != NULL &&
	    (!when_read(call->expires, true, &code->expires_at) || code->expires_at <= code->created_at)) {
		cli_fail("--expires must be a time that lies ahead, such as 90d or 2027-01-31.");
		return false;
	}
	return true;
}

static enum err_code
find_group(const struct cli_call *call, struct store *store, struct arena *arena, struct code *code)
{
	struct group group;
	if (call->group == NULL || *call->group == '\0')
		return ERR_OK;
	enum err_code err = store_group_by_name(store, arena, call->group, &group);
	if (err == ERR_OK)
		code->group_id = group.id;
	return err;
}

static const struct sheet_column made_columns[] = {{"CODE", 0, 0, "code", SHEET_TEXT}, {0}};

/* Shows the codes, this once: each on a line, or as JSON. */
static int
show_made(const struct cli_call *call, struct arena *arena, char (*texts)[CODE_SIZE], int count)
{
	struct sheet sheet;
	for (int i = 0; i < count && !call->json; i++)
		printf("%s\n", texts[i]);
	if (!call->json)
		return cli_finish();
	if (!sheet_begin(&sheet, call, arena, made_columns, "codes"))
		return CLI_FAILED;
	for (int i = 0; i < count; i++)
		sheet_row(&sheet, (const struct cell[]){CELL_TEXT(texts[i])});
	return sheet_end(&sheet);
}

static int
make(const struct cli_call *call, struct store *store, struct arena *arena, bool invite)
{
	struct code code = {.invite = invite};
	int count = call->count > 0 ? call->count : 1;
	char(*texts)[CODE_SIZE] = arena_alloc(arena, (size_t)count * sizeof(*texts));

	if (texts == NULL)
		return fail_with(ERR_NO_MEMORY);
	if (!read_options(call, &code))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = find_group(call, store, arena, &code);
	if (err == ERR_NOT_FOUND) {
		store_rollback(store);
		return cli_fail("there is no group %s.", call->group);
	}
	for (int i = 0; i < count && err == ERR_OK; i++)
		err = code_make(store, &code, texts[i]);
	if (err == ERR_OK)
		err = limits_audit(store, call, invite ? "invite.create" : "code.create", code.batch);
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err);
	int result = show_made(call, arena, texts, count);
	crypto_forget(texts, (size_t)count * sizeof(*texts));
	return result;
}

static int
create(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return make(call, store, arena, false);
}

static int
invite(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return make(call, store, arena, true);
}

/* ---- lists ---- */

static const struct sheet_column batch_columns[] = {
    {"BATCH", 20, 0, "batch", SHEET_TEXT},
    {"KIND", 6, 0, "kind", SHEET_TEXT},
    {"CODES", 6, 0, "codes", SHEET_INT},
    {"USED", 6, 0, "uses", SHEET_INT},
    {"MOST", 6, 0, "usesMax", SHEET_INT},
    {"DISABLED", 8, 0, "disabled", SHEET_INT},
    {"AMOUNT", 10, 0, "amountMicro", SHEET_AMOUNT},
    {"CREATED", CLI_TIME_WIDTH, 0, "createdAt", SHEET_TIME},
    {"EXPIRES", 0, 0, "expiresAt", SHEET_TIME},
    {0},
};

/* Shows the batches of that name, one of each kind; NULL = all. */
static int
list_batches(const struct cli_call *call, struct store *store, struct arena *arena, const char *name)
{
	struct code_batch *batches;
	struct sheet sheet;
	size_t count;

	enum err_code err = store_code_batches(store, arena, &batches, &count);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, batch_columns, "batches"))
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++) {
		const struct code_batch *batch = &batches[i];

		if (name != NULL && strcmp(name, batch->batch) != 0)
			continue;
		sheet_row(&sheet, (const struct cell[]){
		                      CELL_TEXT(batch->batch), CELL_TEXT(batch->invite ? "invite" : "credit"),
		                      CELL_NUMBER(batch->codes), CELL_NUMBER(batch->uses),
		                      CELL_NUMBER(batch->uses_max), CELL_NUMBER(batch->disabled),
		                      CELL_NUMBER(batch->amount), CELL_NUMBER(batch->created_at),
		                      CELL_NUMBER(batch->expires_at)});
	}
	return sheet_end(&sheet);
}

static const struct sheet_column code_columns[] = {
    {"ID", 6, 0, "id", SHEET_INT},
    {"CODE", 10, 0, "hint", SHEET_TEXT},
    {"KIND", 6, 0, "kind", SHEET_TEXT},
    {"USED", 6, 0, "uses", SHEET_INT},
    {"MOST", 6, 0, "usesMax", SHEET_INT},
    {"DISABLED", 8, 0, "disabled", SHEET_BOOL},
    {"AMOUNT", 10, 0, "amountMicro", SHEET_AMOUNT},
    {"EXPIRES", 0, 0, "expiresAt", SHEET_TIME},
    {0},
};

static int
list_codes(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct code_page page = {.count = PAGE};
	struct sheet sheet;

	if (!sheet_begin(&sheet, call, arena, code_columns, "codes"))
		return CLI_FAILED;
	for (int64_t after = 0; page.count == PAGE; after = page.codes[PAGE - 1].id) {
		enum err_code err = store_code_list(store, arena, call->operands[0], after, PAGE, &page);
		if (err != ERR_OK)
			return fail_with(err);
		for (size_t i = 0; i < page.count; i++) {
			const struct code *code = &page.codes[i];

			sheet_row(&sheet,
			          (const struct cell[]){
			              CELL_NUMBER(code->id), CELL_TEXT(code->hint),
			              CELL_TEXT(code->invite ? "invite" : "credit"), CELL_NUMBER(code->uses),
			              CELL_NUMBER(code->uses_max), CELL_NUMBER(code->disabled),
			              CELL_NUMBER(code->amount), CELL_NUMBER(code->expires_at)});
		}
		if (page.count < PAGE)
			break;
	}
	return sheet_end(&sheet);
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return call->operands[0] != NULL ? list_codes(call, store, arena)
	                                 : list_batches(call, store, arena, NULL);
}

static int
disable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *batch = call->operands[0];

	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_code_disable(store, batch, true);
	if (err == ERR_OK)
		err = limits_audit(store, call, "code.disable", batch);
	err = store_end(store, err);
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no batch %s.", batch);
	if (err != ERR_OK)
		return fail_with(err);
	if (call->json)
		return list_batches(call, store, arena, batch);
	printf("codes of %s disabled\n", batch);
	return cli_finish();
}

int
cli_code_create(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, create);
}

int
cli_code_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_code_disable(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, disable);
}

int
cli_invite_create(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, invite);
}
