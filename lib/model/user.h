/* A user. Plain data; strings live as long as the arena it was loaded into. */
#ifndef MODEL_USER_H
#define MODEL_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/key.h"

struct user {
	int64_t id;
	const char *username;
	const char *email; /* NULL where none was given */
	const char *shape; /* what the name looks like, for a user that is added; NULL = not compared */
	const char *password_hash; /* NULL where it was not loaded */
	bool admin;                /* of a request: whether it may do what an administrator may */
	bool elsewhere;            /* an administrator, but not from one of admin_addresses */
	bool disabled;
	int64_t created_at;    /* ms since the epoch */
	int64_t key_id;        /* the API key of this request; 0 = a login, or no token at all */
	enum key_scope scope;  /* of that key */
	const char *addresses; /* from which that key is taken, as in struct key; NULL with a login */
	int64_t used_at;       /* when the use of that key or login was last noted */
};

#endif
