/* Sessions, which are logins that have not expired: shows and ends them, changes the password, notes their
 * last use. Functions make their own transactions on the caller's store. */
#ifndef DOMAIN_ACCOUNT_SESSION_H
#define DOMAIN_ACCOUNT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/session.h"
#include "model/user.h"

struct arena;
struct config;
struct store;

enum {
	SESSION_ID_SIZE = 17,            /* bytes of a session's id, NUL included */
	SESSION_USED_MS = 60 * 60 * 1000 /* how exactly the last use of a session or API key is noted */
};

/* Writes the id by which a session is shown and ended: the beginning of its token's hash, of no use for
 * anything else. Thread-safe. */
void session_id(const struct session *session, char ret_id[SESSION_ID_SIZE]);

/* Ends a session of the user. ERR_NOT_FOUND; the store's errors. */
enum err_code session_end(struct store *store, struct arena *arena, int64_t user_id, const char *id);

/* Ends all sessions of the user but the one with the hash `keep`; writes how many. API keys stay. */
enum err_code session_end_others(struct store *store, int64_t user_id, const uint8_t keep[CRYPTO_HASH_SIZE],
                                 int64_t *ret_count);

struct session_password {
	const char *now, *wanted;
	const uint8_t *keep; /* hash of the session that asks, which does not end */
};

/* Replaces the password and ends all other sessions. ERR_BAD_CREDENTIALS where `now` is not the password;
 * ERR_RATE_LIMITED, with the wait, beyond config->rate_login tries a minute; ERR_NO_MEMORY. ret_wait_ms is
 * written in every case. */
enum err_code session_change_password(struct store *store, struct arena *arena, const struct config *config,
                                      const struct user *user, const struct session_password *password,
                                      int64_t *ret_wait_ms);

/* True where the last use of the user's session or API key was noted longer ago than SESSION_USED_MS. */
bool session_use_is_due(const struct user *user);

/* Notes, in the database of the data directory `data`, that the user has used an API key, or else the token
 * with this hash. Opens a connection for that which does not wait: programs that only read keep theirs
 * read-only, and no request waits for a writer. A note that cannot be written is left to the next use. */
void session_note_use(const char *data, const struct user *user, const uint8_t hash[CRYPTO_HASH_SIZE]);

#endif
