/* The handlers that auth.c's table names. */
#ifndef AUTH_HANDLERS_H
#define AUTH_HANDLERS_H

#include "base/err.h"

struct call;

struct err auth_register(struct call *call);
struct err auth_login(struct call *call);
struct err auth_verify(struct call *call);
struct err auth_logout(struct call *call);
struct err auth_password(struct call *call);
struct err auth_sessions_list(struct call *call);
struct err auth_sessions_end_others(struct call *call);
struct err auth_sessions_end(struct call *call);
struct err auth_keys_list(struct call *call);
struct err auth_keys_make(struct call *call);
struct err auth_keys_change(struct call *call);
struct err auth_keys_revoke(struct call *call);
struct err auth_key_show(struct call *call);

#endif
