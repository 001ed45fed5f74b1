/* A login, as its user sees it. Plain data; strings live as long as the arena it was loaded into. */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include <stdint.h>

#include "base/crypto.h"

struct session {
	uint8_t hash[CRYPTO_HASH_SIZE]; /* of its token */
	int64_t created_at;             /* ms since the epoch, as those below */
	int64_t used_at;                /* to the hour */
	int64_t expires_at;
	const char *block; /* of addresses that it was made from (base/netblock.h); NULL = not known */
};

#endif
