/* Codes: see code.h. */
#include "domain/money/code.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/crypto.h"
#include "base/kill_point.h"
#include "domain/money/credit.h"
#include "store/account.h"
#include "store/code.h"

enum { SYMBOLS = 20, GROUP = 5, BITS = 5, HINT = 5 };

/* Without I, L, O and U, which are read for others. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The hash of a code's symbols. False where the text is no code. */
static bool
hash_of(const char *text, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	char plain[SYMBOLS];
	size_t len = 0;
	for (; *text != '\0'; text++) {
		char c = (char)toupper((unsigned char)*text);
		if (c == '-' || c == ' ')
			continue;
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (len == SYMBOLS || strchr(alphabet, c) == NULL)
			return false;
		plain[len++] = c;
	}
	if (len == SYMBOLS)
		crypto_sha256(plain, len, ret_hash);
	crypto_forget(plain, sizeof(plain));
	return len == SYMBOLS;
}

enum err_code
code_make(struct store *store, const struct code *code, char ret_text[CODE_SIZE])
{
	uint8_t random[SYMBOLS], hash[CRYPTO_HASH_SIZE];
	char hint[HINT + 1];
	struct code made = *code;
	size_t at = 0;
	crypto_random(random, sizeof(random));
	for (size_t i = 0; i < SYMBOLS; i++) {
		if (i > 0 && i % GROUP == 0)
			ret_text[at++] = '-';
		ret_text[at++] = alphabet[random[i] % (1 << BITS)];
	}
	ret_text[at] = '\0';
	memcpy(hint, ret_text, HINT);
	hint[HINT] = '\0';
	made.hint = hint;
	crypto_forget(random, sizeof(random));
	return hash_of(ret_text, hash) ? store_code_add(store, &made, hash) : ERR_INTERNAL;
}

enum err_code
code_find(struct store *store, struct arena *arena, const char *text, bool invite, int64_t now,
          struct code *ret_code)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct code code;
	if (!hash_of(text, hash))
		return ERR_CODE_UNKNOWN;
	enum err_code err = store_code_by_hash(store, arena, hash, &code);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && (code.disabled || code.invite != invite)))
		return ERR_CODE_UNKNOWN;
	if (err == ERR_OK && code.expires_at > 0 && code.expires_at <= now)
		return ERR_CODE_EXPIRED;
	if (err == ERR_OK && code.uses >= code.uses_max)
		return ERR_CODE_USED;
	if (err == ERR_OK)
		*ret_code = code;
	return err;
}

/* Counts the use, and makes the transfer. */
static enum err_code
use(struct store *store, const struct code *code, int64_t user_id, int64_t now, struct transfer *ret_transfer)
{
	const struct transfer transfer = {.at = now,
	                                  .kind = TRANSFER_REDEEM,
	                                  .user_id = user_id,
	                                  .amount = code->amount,
	                                  .code_id = code->id,
	                                  .actor = "longreel"};
	enum err_code err = store_code_use(store, code->id, user_id, now);
	kill_point("code.used");
	if (err == ERR_CONFLICT)
		return ERR_CODE_USED;
	if (err == ERR_OK && code->amount > 0)
		err = store_transfer(store, &transfer, ret_transfer);
	return err;
}

enum err_code
code_redeem(struct store *store, struct arena *arena, int64_t user_id, const char *text, int64_t now,
            struct transfer *ret_transfer)
{
	struct code code;
	struct balance balance;
	bool redeemed = false;
	enum err_code err = code_find(store, arena, text, false, now, &code);
	if (err == ERR_OK)
		err = store_code_redeemed(store, code.id, user_id, &redeemed);
	if (err == ERR_OK && redeemed)
		err = ERR_CODE_USED;
	if (err == ERR_OK)
		err = store_balance(store, user_id, &balance);
	if (err == ERR_OK && !credit_fits(&balance, code.amount))
		err = ERR_BAD_FIELD;
	return err == ERR_OK ? use(store, &code, user_id, now, ret_transfer) : err;
}

enum err_code
code_accept(struct store *store, const struct code *code, int64_t user_id, int64_t now)
{
	return use(store, code, user_id, now, NULL);
}
