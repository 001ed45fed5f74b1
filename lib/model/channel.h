/* A channel: a way to an upstream, with its key, its dialect and its limits. Plain data. */
#ifndef MODEL_CHANNEL_H
#define MODEL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dialect; /* lib/upstream knows what is in it, as in the next */
struct dialect_offers;

/* The word for no model: what a channel makes where none is named. A channel may list a model of that name;
 * then it means that one. */
#define MODEL_DEFAULT "default"

struct channel_model {
	const char *ours;   /* as clients say */
	const char *theirs; /* as the upstream says */
};

struct channel {
	const char *name;   /* "default"; stands in the task's row */
	const char *base;   /* "https://api.example.com", no slash at its end */
	const char *key;    /* secret: goes into one header and nowhere else; "" = none */
	const char *key_id; /* tells its keys apart without disclosing them; stands in the task's row */
	const struct dialect *dialect;
	const char *idempotency_header; /* by its value the upstream knows a repetition; NULL = by none */
	bool allow_private;             /* its video links may lead to private addresses */
	bool billed;                    /* its tasks cost their users (billing) */
	const char *const *extra_allow; /* then, the members of `extra` that may be sent; NULL-terminated */
	bool gets_links;                /* it can be given links to images: public_url is set */
	const struct channel_model *models; /* that it makes; none = any, by the client's own word */
	size_t model_count;
	const struct dialect_offers *offers; /* of its own; NULL = those of its dialect */
	bool takes_new;                      /* gets new work; else it still serves what it has made */
	int64_t priority;                    /* as in struct channel_row, as the next three */
	int64_t weight;
	int64_t concurrency;
	int64_t rate;
	const char *webhook_secret; /* the source of the secret that it signs webhooks with, "file:/path";
	                               NULL = it sends none */
};

/* True where `ours` is in the list; NULL is in none. Thread-safe. */
bool channel_model_in(const struct channel_model *models, size_t count, const char *ours);

/* What the upstream calls the model `ours` (NULL = the client named none): the first of its list for none,
 * which may be NULL; the word itself where it is in no list. Thread-safe. */
const char *channel_their_model(const struct channel *channel, const char *ours);

/* What clients call the model that the upstream calls `theirs`: `asked` (may be NULL) where that is what it
 * is called there, else the first of the list, else the word itself. Thread-safe. */
const char *channel_our_model(const struct channel *channel, const char *asked, const char *theirs);

#endif
