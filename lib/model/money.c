/* Words of charges and transfers. */
#include <stddef.h>
#include <string.h>

#include "model/charge.h"
#include "model/transfer.h"

static const char *const states[] = {
    [CHARGE_HELD] = "held", [CHARGE_SETTLED] = "settled", [CHARGE_RELEASED] = "released"};

static const char *const kinds[] = {
    [TRANSFER_GRANT] = "grant",   [TRANSFER_REDEEM] = "redeem",   [TRANSFER_RESERVE] = "reserve",
    [TRANSFER_SETTLE] = "settle", [TRANSFER_RELEASE] = "release", [TRANSFER_REFUND] = "refund",
    [TRANSFER_TAKE] = "take",
};

const char *
charge_state_word(enum charge_state state)
{
	return states[state];
}

enum charge_state
charge_state_of(const char *word)
{
	for (enum charge_state state = CHARGE_HELD; state < CHARGE_STATE__MAX; state++)
		if (strcmp(word, states[state]) == 0)
			return state;
	return CHARGE_NONE;
}

const char *
transfer_kind_word(enum transfer_kind kind)
{
	return kinds[kind];
}

enum transfer_kind
transfer_kind_of(const char *word)
{
	enum transfer_kind kind = 0;
	while (kind < TRANSFER_KIND__MAX && strcmp(word, kinds[kind]) != 0)
		kind++;
	return kind;
}
