/* What a client says of an API key, and how one is shown. */
#ifndef AUTH_KEY_FIELDS_H
#define AUTH_KEY_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/window.h"
#include "model/key.h"
#include "web/field.h"

struct call;

/* What a client has said. */
struct key_fields {
	const char *name, *scope; /* NULL = nothing, as of the lists and what is not set */
	const char *models, *addresses;
	struct field_int expires_at, max_open, rate;
	struct field_bool disabled;
	bool has_budget[WINDOW__MAX];
	int64_t budgets[WINDOW__MAX]; /* micro-units; -1 = none */
};

/* Reads the body; strings live as long as the request. `fresh`: of a new key, which must have a name, and an
 * expiry that lies ahead; one that there is loses its expiry by expiresAt 0. ERR_BAD_FIELD. */
struct err key_fields_read(struct call *call, bool fresh, struct key_fields *ret_fields);

/* Puts into the key what was said. */
void key_fields_apply(const struct key_fields *said, struct key *key);

/* Puts into its budgets what was said of them. */
void key_fields_budgets(const struct key_fields *said, int64_t budgets[WINDOW__MAX]);

/* A key as it is shown. */
struct key_shown {
	const struct key *key;
	const char *text;             /* the key itself, or NULL */
	int64_t budgets[WINDOW__MAX]; /* -1 = none */
};

/* Writes the key as the member `name`. */
void key_view(struct jsonw *w, const char *name, const struct key_shown *shown);

#endif
