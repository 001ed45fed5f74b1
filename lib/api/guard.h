/* The caller of a request: token and user, language, origin. Whether a token is good is decided by
 * account_of_token() (domain/account/user.h). Thread-safe. */
#ifndef API_GUARD_H
#define API_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/user.h"

struct call;
struct config;
struct reply;
struct request;

/* The token of the request: "Authorization: Bearer …" (RFC 6750, section 2.1), else the header api-key or
 * x-api-key. In the request's arena; NULL where there is none. */
const char *guard_token(const struct request *request);

/* Finds the user of the call's token, with its role from the caller's address. ERR_UNAUTHORIZED (the reply
 * then has WWW-Authenticate, and the error says what is wrong with the request's headers);
 * ERR_ADDRESS_NOT_ALLOWED for a key that is not taken from there; the store's errors. */
struct err guard_user(const struct call *call, struct user *ret_user);

/* The same for a token that does not stand in the headers; the error has no details. */
struct err guard_bearer(const struct call *call, const char *token, struct user *ret_user);

/* ERR_FORBIDDEN for a caller who is no administrator, ERR_NOT_FOUND for one who is, but not from an address
 * of admin_addresses; else ERR_OK. */
enum err_code guard_admin(const struct user *user);

/* "zh" where Accept-Language prefers Chinese to English (RFC 9110, section 12.5.4), else "en". */
const char *guard_lang(const struct request *request);

/* Adds the CORS headers (Fetch standard, section 3.2) where the Origin is on the configured list. True where
 * the request was a preflight and the reply is complete. */
bool guard_cors(const struct request *request, struct reply *reply, const struct config *config);

/* The hash of the request's token, as the store has it; zeroes where there is none. */
void guard_token_hash(const struct request *request, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

#endif
