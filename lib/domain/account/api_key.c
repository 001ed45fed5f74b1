/* API keys. The text is random and stored as a hash only, like a login's token; a few of its characters are
 * kept as a hint, to tell keys apart. */
#include "domain/account/api_key.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "domain/money/budgets.h"
#include "store/key.h"
#include "store/store.h"

enum { HINT = 4 /* characters of either end */ };

/* Draws a key: a token under the prefix "sk-", by which other programs know an API key. */
static void
draw_key(char ret_text[KEY_TEXT_SIZE])
{
	char token[CRYPTO_TOKEN_SIZE];
	crypto_token(token);
	snprintf(ret_text, KEY_TEXT_SIZE, "sk-%s", token + strlen("lr_"));
	crypto_forget(token, sizeof(token));
}

/* Inside a transaction. */
static enum err_code
write_key(struct store *store, struct arena *arena, const uint8_t hash[CRYPTO_HASH_SIZE], struct key *key)
{
	struct key *others;
	size_t count;
	enum err_code err = store_key_list(store, arena, key->user_id, &others, &count);
	if (err == ERR_OK && count >= KEY_MOST)
		err = ERR_TOO_MANY_KEYS;
	return err == ERR_OK ? store_key_add(store, key->user_id, key, hash, &key->id) : err;
}

enum err_code
key_add(struct store *store, struct arena *arena, int64_t user_id, const struct key *wanted,
        char ret_text[KEY_TEXT_SIZE], struct key *ret_key)
{
	char text[KEY_TEXT_SIZE];
	uint8_t hash[CRYPTO_HASH_SIZE];
	draw_key(text);
	crypto_sha256(text, strlen(text), hash);
	struct key key = *wanted;
	key.user_id = user_id;
	key.hint =
	    arena_printf(arena, "%.*s…%s", (int)strlen("sk-") + HINT, text, text + strlen(text) - HINT);
	key.created_at = clock_wall_ms();
	enum err_code err = key.hint != NULL ? write_key(store, arena, hash, &key) : ERR_NO_MEMORY;
	if (err == ERR_OK) {
		memcpy(ret_text, text, sizeof(text));
		*ret_key = key;
	}
	crypto_forget(text, sizeof(text));
	return err;
}

enum err_code
key_begin_change(struct store *store, struct arena *arena, int64_t user_id, int64_t id, struct key *ret_key)
{
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_key_get(store, arena, user_id, id, ret_key);
	if (err == ERR_OK && ret_key->expires_at > 0 && ret_key->expires_at <= clock_wall_ms())
		err = ERR_KEY_EXPIRED;
	return err;
}

enum err_code
key_end_change(struct store *store, enum err_code err, const struct key *key)
{
	if (err == ERR_OK)
		err = store_key_set(store, key);
	return store_end(store, err);
}

enum err_code
key_revoke(struct store *store, int64_t user_id, int64_t id)
{
	static const int64_t none[WINDOW__MAX] = {-1, -1, -1, -1};
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_key_remove(store, user_id, id);
	if (err == ERR_OK)
		err = budgets_write(store, BUDGET_KEY, id, none);
	return store_end(store, err);
}
