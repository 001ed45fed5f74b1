/* A user as /api/auth shows it: see user_view.h. */
#include "user_view.h"

void
user_view(struct jsonw *w, const char *name, const struct user *user)
{
	jsonw_object(w, name);
	jsonw_int(w, "id", user->id);
	jsonw_string(w, "username", user->username);
	jsonw_string(w, "email", user->email);
	jsonw_string(w, "role", user->admin ? "admin" : "user");
	jsonw_object_end(w);
}
