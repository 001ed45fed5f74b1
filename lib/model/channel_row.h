/* A channel as the operator describes it, a row of the database: nothing that it names is read yet. Plain
 * data.
 */
#ifndef MODEL_CHANNEL_ROW_H
#define MODEL_CHANNEL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel_row {
	const char *name;
	const char *base; /* NULL = the configuration's, or no channel any more */
	const char *dialect;
	const char *models;  /* "ours=theirs other"; "" = any */
	int64_t priority;    /* the highest is chosen first */
	int64_t weight;      /* 1 or more: its share among those of the same priority */
	int64_t concurrency; /* jobs under way at a time; 0 = any number */
	int64_t rate;        /* submissions within any minute; 0 = any number */
	bool idempotency;    /* it knows repetitions by their key, whatever its dialect says */
	bool private;        /* its links may lead to private addresses */
	bool enabled;        /* it gets new work */
	const char *webhook; /* where its secret is, "file:/path" or "env:NAME"; NULL = it sends none */
	const char
	    *extra_allow;  /* members of `extra` that do not change the price, "name other"; "" = none */
	const char **keys; /* where its keys are, the one for new work first */
	size_t key_count;
};

/* The name of the channel that the configuration describes. */
#define CHANNEL_DEFAULT "default"

/* Returns a row of that name with nothing but the defaults: no base, no key, gets new work. Thread-safe. */
static inline struct channel_row
channel_row_new(const char *name)
{
	return (struct channel_row){
	    .name = name, .models = "", .extra_allow = "", .weight = 1, .enabled = true};
}

#endif
