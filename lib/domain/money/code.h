/* Codes that give credit, or let a new user register. A code is 100 random bits, which only its hash is kept
 * of. Belongs to the store's thread; each works inside the caller's transaction. */
#ifndef DOMAIN_MONEY_CODE_H
#define DOMAIN_MONEY_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/code.h"
#include "model/transfer.h"

struct arena;
struct store;

enum { CODE_SIZE = 24 /* bytes of a code as text, NUL included: "7KQ3V-…", four groups of five */ };

/* Makes a code like `code` (its hint is ignored), and writes its text, this once. */
enum err_code code_make(struct store *store, const struct code *code, char ret_text[CODE_SIZE]);

/* Finds a code that may be used now by its text, in whatever case, with or without dashes and blanks;
 * `invite` says of which kind. ERR_CODE_UNKNOWN (also a disabled one), ERR_CODE_EXPIRED, ERR_CODE_USED. */
enum err_code code_find(struct store *store, struct arena *arena, const char *text, bool invite, int64_t now,
                        struct code *ret_code);

/* Redeems a code for credit: a user may do that once with each. Errors as above, ERR_CODE_USED also where it
 * is the user who has; ERR_BAD_FIELD where the balance would be too large. */
enum err_code code_redeem(struct store *store, struct arena *arena, int64_t user_id, const char *text,
                          int64_t now, struct transfer *ret_transfer);

/* Counts the use of an invitation that was found by a user who has just registered, and gives what it begins
 * with, if anything. ERR_CODE_USED. */
enum err_code code_accept(struct store *store, const struct code *code, int64_t user_id, int64_t now);

#endif
