/* How the operator adds, changes and removes channels. Each function is a transaction of its own. False means
 * that nothing was changed, and ctx->why has one sentence that says why; it holds no secret. Belongs to the
 * thread of the store. */
#ifndef DOMAIN_CHANNEL_ADMIN_H
#define DOMAIN_CHANNEL_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/window.h"

struct config;
struct store;

enum { UNCHANGED = -1 };
#define UNCHANGED_PRIORITY INT64_MIN

/* The members to set. NULL and UNCHANGED leave a member as it is; in a new channel, at its default. */
struct channel_edit {
	const char *name;
	const char *base;
	const char *dialect;
	const char *models;
	const char *extra_allow;
	const char *key;     /* where it is: "file:/path" or "env:NAME" */
	const char *webhook; /* where the secret of its webhooks is, likewise; "" = none any more */
	int64_t priority;    /* UNCHANGED_PRIORITY, as it may be negative */
	int64_t weight, concurrency, rate;
	int idempotency, private, enabled; /* 0, 1 or UNCHANGED */
	struct {
		bool set;
		int64_t amount; /* in micro-units; -1 = none any more */
	} budgets[WINDOW__MAX];
};

struct admin_ctx {
	struct store *store;
	const struct config *config;
	const char *dialects; /* directory of the shipped profiles */
	char *why;            /* gets the sentence */
	size_t why_size;
};

#define CHANNEL_BAD_BASE                                                                                     \
	"the base must be an address such as https://api.example.com, without a slash at its end"

/* True for an address without a final slash, query or user name: "https://host", "http://host:1/prefix".
 * Thread-safe. */
bool channel_base_good(const char *base);

/* Adds a channel, after reading and checking its base, dialect, models and secrets. */
bool channel_admin_add(const struct admin_ctx *ctx, const struct channel_edit *edit);

/* Changes a channel. A new key is for new work; the earlier ones stay for the tasks that they made. Base and
 * dialect change only while no job is under way; another base needs its key named, and drops the earlier
 * ones. Of "default", sets only what the configuration does not. */
bool channel_admin_set(const struct admin_ctx *ctx, const struct channel_edit *edit);

/* Removes a channel that no open task needs. */
bool channel_admin_remove(const struct admin_ctx *ctx, const char *name);

#endif
