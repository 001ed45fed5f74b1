/* longreel credit: what users have, given and taken by the operator. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli.h"
#include "domain/money/credit.h"
#include "limits.h"
#include "sheet.h"
#include "store/account.h"
#include "store/store.h"
#include "store/user.h"

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

/* Finds the user that the first operand names. On failure says why and returns false. */
static bool
find_user(const struct cli_call *call, struct store *store, struct arena *arena, struct user *ret_user)
{
	enum err_code err = store_user_by_name(store, arena, call->operands[0], ret_user);

	if (err == ERR_NOT_FOUND)
		cli_fail("there is no user %s.", call->operands[0]);
	else if (err != ERR_OK)
		fail_with(err);
	return err == ERR_OK;
}

static const struct sheet_column columns[] = {
    {"USER", 20, 0, "user", SHEET_TEXT},
    {"AVAILABLE", 12, 0, "availableMicro", SHEET_AMOUNT},
    {"ON HOLD", 12, 0, "heldMicro", SHEET_AMOUNT},
    {"CREDIT LINE", 12, 0, "creditLineMicro", SHEET_AMOUNT},
    {0},
};

static int
show_balance(const struct cli_call *call, struct store *store, struct arena *arena, const struct user *user)
{
	struct balance balance;
	struct sheet sheet;

	enum err_code err = store_balance(store, user->id, &balance);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	sheet_row(&sheet, (const struct cell[]){CELL_TEXT(user->username), CELL_NUMBER(balance.available),
	                                        CELL_NUMBER(balance.held), CELL_NUMBER(balance.credit_line)});
	return sheet_end(&sheet);
}

static int
show(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;

	return find_user(call, store, arena, &user) ? show_balance(call, store, arena, &user) : CLI_FAILED;
}

static bool
read_reference(const struct cli_call *call, const char **ret_reference)
{
	const char *reference = call->references.count > 0 ? call->references.at[0] : NULL;

	*ret_reference = reference;
	if (call->references.count <= 1 && (reference == NULL || utf8_is_line(reference, 1, LIMIT_WORD)))
		return true;
	cli_fail(
	    "--reference must have 1 to %d characters, none of them a control character, and be given once.",
	    LIMIT_WORD);
	return false;
}

/* Gives (sign 1) or takes (-1). */
static int
move(const struct cli_call *call, struct store *store, struct arena *arena, int sign)
{
	struct user user;
	struct transfer made;
	struct credit credit = {.note = call->note, .actor = "cli", .now = clock_wall_ms()};
	bool repeated = false;

	if (!cli_read_amount("the amount", call->operands[1], 0, &credit.amount) ||
	    !read_reference(call, &credit.reference) || (call->note != NULL && !limits_note(call->note)) ||
	    !find_user(call, store, arena, &user))
		return CLI_FAILED;
	credit.user_id = user.id;
	credit.amount *= sign;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = credit_add(store, arena, &credit, &made, &repeated);
	if (err == ERR_OK && !repeated)
		err = limits_audit(store, call, sign > 0 ? "credit.add" : "credit.take", user.username);
	err = store_end(store, err);
	if (err == ERR_BAD_FIELD)
		return cli_fail("the amount must not be 0, and no balance may exceed 1000000000.");
	if (err != ERR_OK)
		return fail_with(err);
	if (repeated && !call->json)
		printf("this reference was used for the same before; nothing was done\n");
	return show_balance(call, store, arena, &user);
}

static int
add(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return move(call, store, arena, 1);
}

static int
take(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return move(call, store, arena, -1);
}

static int
line(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;
	int64_t amount;

	if (!cli_read_amount("the amount", call->operands[1], 0, &amount) ||
	    !find_user(call, store, arena, &user))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_credit_line(store, user.id, amount);
	if (err == ERR_OK)
		err = limits_audit(store, call, "credit.line", user.username);
	err = store_end(store, err);
	if (err == ERR_CONFLICT)
		return cli_fail("%s has used more of the credit line than that.", user.username);
	return err == ERR_OK ? show_balance(call, store, arena, &user) : fail_with(err);
}

int
cli_credit_add(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, add);
}

int
cli_credit_take(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, take);
}

int
cli_credit_show(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, show);
}

int
cli_credit_line(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, line);
}
