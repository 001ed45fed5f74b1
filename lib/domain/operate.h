/* What the operator does to the channels. Each verb is a transaction of its own; on failure `ret_why` has one
 * sentence that says what is wrong and holds no secret. Belongs to the thread of the store. */
#ifndef DOMAIN_OPERATE_H
#define DOMAIN_OPERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct store;

enum { OPERATE_STAYS = -1 };

/* What is to be said of a channel; NULL and OPERATE_STAYS leave it as it is, or as it is by default. */
struct operate_order {
	const char *name;
	const char *base;
	const char *dialect;
	const char *models;
	const char *key;     /* source, "file:/path" or "env:NAME" */
	const char *webhook; /* the same; "" = none any more */
	int64_t priority;    /* OPERATE_PRIORITY_STAYS, as it may be negative */
	int64_t weight, concurrency, rate;
	int idempotency, private, enabled; /* 0, 1 or OPERATE_STAYS */
};

#define OPERATE_PRIORITY_STAYS INT64_MIN

struct operate_place {
	struct store *store;
	const struct config *config;
	const char *dialects; /* directory of the shipped profiles */
	char *why;            /* where the sentence goes */
	size_t why_size;
};

/* Adds a channel; its base, its dialect and its key are read and checked before. */
bool operate_add(const struct operate_place *place, const struct operate_order *order);

/* Changes one. A new key is for new work; the ones before stay for what they have made. Another base or
 * dialect only while no job is under way; with another base, which needs a key, the ones before are
 * forgotten. Of "default", only what the configuration does not say. */
bool operate_set(const struct operate_place *place, const struct operate_order *order);

/* Removes a channel that no open task needs. */
bool operate_remove(const struct operate_place *place, const char *name);

#endif
