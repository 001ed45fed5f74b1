/* What a client says of an API key, and how one is shown. */
#ifndef AUTH_KEY_FIELDS_H
#define AUTH_KEY_FIELDS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "model/key.h"
#include "web/field.h"

struct call;

/* What a client has said. */
struct key_fields {
	const char *name, *scope; /* NULL = nothing, as of the lists and what is not set */
	const char *models, *addresses;
	struct field_int expires_at, max_open, rate;
	struct field_bool disabled;
};

/* Reads the body; strings live as long as the request. `fresh`: of a new key, which must have a name, and an
 * expiry that lies ahead; one that there is loses its expiry by expiresAt 0. ERR_BAD_FIELD. */
struct err key_fields_read(struct call *call, bool fresh, struct key_fields *ret_fields);

/* Puts into the key what was said. */
void key_fields_apply(const struct key_fields *fields, struct key *key);

/* Writes the key as the member `name`; `text` is the key itself, or NULL. */
void key_view(struct jsonw *w, const char *name, const struct key *key, const char *text);

#endif
