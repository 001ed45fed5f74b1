/* A user as /api/auth shows it. */
#ifndef AUTH_USER_VIEW_H
#define AUTH_USER_VIEW_H

#include "base/json.h"
#include "model/user.h"

/* Writes {id, username, email, role} as the member `name`. */
void user_view(struct jsonw *w, const char *name, const struct user *user);

#endif
