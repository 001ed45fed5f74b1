/* Endpoints of webhooks as clients see them. */
#ifndef HOOKS_VIEW_H
#define HOOKS_VIEW_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "model/webhook.h"

struct call;

enum { VIEW_SECRET = true, VIEW_NO_SECRET = false };

/* Writes {id, url, events, secret?, enabled, note, apiKey?, failingSince, oldSecretUntil, createdAt} as the
 * member `name` (NULL in an array). */
void view_webhook(struct jsonw *w, const char *name, const struct webhook *webhook, bool secret);

/* Answers with one endpoint. Returns ERR_OK. */
struct err view_answer(struct call *call, const struct webhook *webhook, bool secret, int status);

#endif
