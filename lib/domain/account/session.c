/* Sessions and the password: see session.h. */
#include "domain/account/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "store/key.h"
#include "store/rate.h"
#include "store/session.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"

void
session_id(const struct session *session, char ret_id[SESSION_ID_SIZE])
{
	for (int i = 0; i < SESSION_ID_SIZE / 2; i++)
		snprintf(ret_id + 2 * i, 3, "%02x", session->hash[i]);
}

enum err_code
session_end(struct store *store, struct arena *arena, int64_t user_id, const char *id)
{
	char each[SESSION_ID_SIZE];
	struct session *sessions;
	size_t count, i = 0;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_session_list(store, arena, user_id, clock_wall_ms(), &sessions, &count);
	if (err == ERR_OK) {
		for (; i < count; i++) {
			session_id(&sessions[i], each);
			if (strcmp(each, id) == 0)
				break;
		}
		err = i < count ? store_token_revoke(store, sessions[i].hash) : ERR_NOT_FOUND;
	}
	return store_end(store, err);
}

enum err_code
session_end_others(struct store *store, int64_t user_id, const uint8_t keep[CRYPTO_HASH_SIZE],
                   int64_t *ret_count)
{
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_session_end_others(store, user_id, keep, ret_count);
	return store_end(store, err);
}

/* ---- the password ---- */

/* A stolen token must not serve to guess the password: attempts count by user, right or wrong. */
static enum err_code
count_attempt(struct store *store, const struct config *config, const struct user *user, int64_t *ret_wait_ms)
{
	char bucket[40];
	snprintf(bucket, sizeof(bucket), "password:%" PRId64, user->id);
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_rate_take(store, bucket, config->rate_login, clock_wall_ms(), ret_wait_ms);
	return store_end(store, err);
}

enum err_code
session_change_password(struct store *store, struct arena *arena, const struct config *config,
                        const struct user *user, const struct session_password *password,
                        int64_t *ret_wait_ms)
{
	char hash[CRYPTO_PASSWORD_SIZE];
	struct user whole = {.password_hash = ""}, again = whole;
	*ret_wait_ms = 0;
	enum err_code err = count_attempt(store, config, user, ret_wait_ms);
	if (err == ERR_OK)
		err = store_user_by_name(store, arena, user->username, &whole);
	if (err == ERR_OK)
		err = crypto_password_matches(TURNS_KNOWN, whole.password_hash, password->now);
	if (err == ERR_OK)
		err = crypto_password_hash(TURNS_KNOWN, password->wanted, hash);
	if (err == ERR_OK)
		err = store_begin(store, STORE_DURABLE);
	/* The password may have been changed while the hashes were computed: then `now` is no longer right.
	 */
	if (err == ERR_OK)
		err = store_user_by_name(store, arena, user->username, &again);
	if (err == ERR_OK && strcmp(again.password_hash, whole.password_hash) != 0)
		err = ERR_BAD_CREDENTIALS;
	if (err == ERR_OK)
		err = store_user_set_password(store, user->id, hash, password->keep);
	err = store_end(store, err);
	return err == ERR_NOT_FOUND ? ERR_BAD_CREDENTIALS : err;
}

/* ---- the last use ---- */

bool
session_use_is_due(const struct user *user)
{
	int64_t ago = clock_wall_ms() - user->used_at;
	return ago >= SESSION_USED_MS || ago < 0; /* the clock was set back */
}

void
session_note_use(const char *data, const struct user *user, const uint8_t hash[CRYPTO_HASH_SIZE])
{
	struct store *store;
	int64_t now = clock_wall_ms();
	if (store_open(data, STORE_WRITE_NOWAIT, &store) != ERR_OK)
		return;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = user->key_id != 0 ? store_key_used(store, user->key_id, now)
		                        : store_session_used(store, hash, now);
	store_end(store, err);
	store_close(store);
}
