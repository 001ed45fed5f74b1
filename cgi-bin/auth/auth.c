/* auth: accounts, sessions and API keys. Two of its threads compute passwords, and some wait for that
 * (base/turns.h); there is one thread more, so that strangers who sign in do not delay other requests. */
#include "api/call.h"
#include "api/program.h"
#include "base/turns.h"
#include "handlers.h"
#include "store/store.h"

enum { THREADS = TURNS_AT_A_TIME + TURNS_STRANGERS + 1 };

static const struct route routes[] = {
    {"POST", "/api/auth/register", auth_register, ACCESS_PUBLIC, "A new account", TAKES_BODY},
    {"POST", "/api/auth/login", auth_login, ACCESS_PUBLIC, "A token for a name and a password", TAKES_BODY},
    {"POST", "/api/auth/verify", auth_verify, ACCESS_PUBLIC, "Who bears a token", TAKES_BODY},
    {"POST", "/api/auth/logout", auth_logout, ACCESS_USER, "The end of a token, at once"},
    {"POST", "/api/auth/password", auth_password, ACCESS_USER,
     "A new password, which ends all other sessions", TAKES_BODY},
    {"GET", "/api/auth/sessions", auth_sessions_list, ACCESS_USER, "The logins that last"},
    {"DELETE", "/api/auth/sessions", auth_sessions_end_others, ACCESS_USER, "The end of all others, at once"},
    {"DELETE", "/api/auth/sessions/:id", auth_sessions_end, ACCESS_USER, "The end of one, at once"},
    {"GET", "/api/auth/keys", auth_keys_list, ACCESS_USER, "The API keys"},
    {"POST", "/api/auth/keys", auth_keys_make, ACCESS_USER, "A new API key, shown once", TAKES_BODY},
    {"PATCH", "/api/auth/keys/:id", auth_keys_change, ACCESS_USER, "Other limits of an API key", TAKES_BODY},
    {"DELETE", "/api/auth/keys/:id", auth_keys_revoke, ACCESS_USER, "The end of an API key, at once"},
    {"GET", "/api/auth/key", auth_key_show, ACCESS_USER, "The API key that asks"},
};

int
main(int argc, char **argv)
{
	static const struct program auth = {
	    .name = "auth",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_WRITE,
	    .threads = THREADS,
	};
	return program_main(argc, argv, &auth);
}
