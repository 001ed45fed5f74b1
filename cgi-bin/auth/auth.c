/* auth: accounts and tokens. Its threads may all be computing a password; there are enough of them for that
 * not to keep others waiting. */
#include "api/call.h"
#include "api/program.h"
#include "handlers.h"

static const struct route routes[] = {
    {"POST", "/api/auth/register", auth_register, ACCESS_PUBLIC, "A new account"},
    {"POST", "/api/auth/login", auth_login, ACCESS_PUBLIC, "A token for a name and a password"},
    {"POST", "/api/auth/verify", auth_verify, ACCESS_PUBLIC, "Who bears a token"},
    {"POST", "/api/auth/logout", auth_logout, ACCESS_USER, "The end of a token, at once"},
    {"GET", "/api/auth/keys", auth_keys_list, ACCESS_USER, "The API keys"},
    {"POST", "/api/auth/keys", auth_keys_make, ACCESS_USER, "A new API key, shown once"},
    {"DELETE", "/api/auth/keys/:id", auth_keys_revoke, ACCESS_USER, "The end of an API key, at once"},
};

int
main(void)
{
	static const struct program auth = {
	    .name = "auth",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_WRITE,
	    .threads = 4,
	};
	return program_main(&auth);
}
