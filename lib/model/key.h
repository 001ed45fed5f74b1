/* An API key without its secret, of which only a hash is stored. Plain data; strings live as long as the
 * arena it was loaded into. */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stdint.h>

struct key {
	int64_t id;
	const char *name;     /* the user's */
	const char *hint;     /* "sk-Ab1…9xYz": its beginning and its end */
	int64_t created_at;   /* ms since the epoch, as those below */
	int64_t expires_at;   /* 0 = never */
	int64_t last_used_at; /* to the hour; 0 = never */
};

#endif
