/* A user, as plain data. Strings belong to whoever loaded the user. */
#ifndef MODEL_USER_H
#define MODEL_USER_H

#include <stdbool.h>
#include <stdint.h>

struct user {
	int64_t id;
	const char *username;
	const char *email;         /* NULL where none was given */
	const char *shape;         /* what the name looks like, where it is added; NULL = not compared */
	const char *password_hash; /* NULL where it was not asked for */
	bool admin;
	bool disabled;
	int64_t created_at; /* ms since the epoch */
	int64_t key_id;     /* the API key that he came by; 0 = a login, or not by a token at all */
	int64_t used_at;    /* when the use of that, or of the login, was last noted */
};

#endif
