/* What the operator does to the channels. Each verb is a transaction of its own; on failure `ret_why` has one
 * sentence that says what is wrong and holds no secret. Belongs to the thread of the store. */
#ifndef DOMAIN_CHANNEL_ADMIN_H
#define DOMAIN_CHANNEL_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct store;

enum { UNCHANGED = -1 };

/* What is to be said of a channel; NULL and UNCHANGED leave it as it is, or as it is by default. */
struct channel_edit {
	const char *name;
	const char *base;
	const char *dialect;
	const char *models;
	const char *key;     /* source, "file:/path" or "env:NAME" */
	const char *webhook; /* the same; "" = none any more */
	int64_t priority;    /* UNCHANGED_PRIORITY, as it may be negative */
	int64_t weight, concurrency, rate;
	int idempotency, private, enabled; /* 0, 1 or UNCHANGED */
};

#define UNCHANGED_PRIORITY INT64_MIN

struct admin_ctx {
	struct store *store;
	const struct config *config;
	const char *dialects; /* directory of the shipped profiles */
	char *why;            /* where the sentence goes */
	size_t why_size;
};

/* Adds a channel; its base, its dialect and its key are read and checked before. */
bool channel_admin_add(const struct admin_ctx *place, const struct channel_edit *order);

/* Changes one. A new key is for new work; the ones before stay for what they have made. Another base or
 * dialect only while no job is under way; with another base, which needs a key, the ones before are
 * forgotten. Of "default", only what the configuration does not say. */
bool channel_admin_set(const struct admin_ctx *place, const struct channel_edit *order);

/* Removes a channel that no open task needs. */
bool channel_admin_remove(const struct admin_ctx *place, const char *name);

#endif
