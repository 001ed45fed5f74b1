/* Endpoints as clients see them. */
#ifndef HOOKS_VIEW_H
#define HOOKS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "model/webhook.h"

struct call;

enum { VIEW_SECRET = true, VIEW_NO_SECRET = false };

/* The number that stands for an :id in the path; 0, which nothing has, where it is none. */
int64_t view_id(const struct call *call, int param);

/* Writes {id, url, events, secret?, enabled, note, failingSince, oldSecretUntil, createdAt}. */
void view_webhook(struct jsonw *w, const char *name, const struct webhook *webhook, bool secret);

/* Answers with one of them. */
struct err view_answer(struct call *call, const struct webhook *webhook, bool secret, int status);

/* Answers with {}. */
struct err view_nothing(struct call *call);

#endif
