/* All channels as they were configured at one time: immutable but for its reference count, shared by all that
 * hold one of its channels. Internal to this folder. Thread-safe. */
#ifndef DOMAIN_CHANNEL_SNAPSHOT_H
#define DOMAIN_CHANNEL_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "model/channel.h"
#include "model/channel_row.h"

struct arena;
struct channel_snapshot;
struct config;
struct dialect;

/* The file of the offers of a channel's own, by the data directory and the channel's name. */
#define CHANNEL_OFFERS "%s/offers/%s.json"

/* One channel with one of its keys. */
struct channel_entry {
	struct channel channel; /* first, so that a channel that was handed out leads back here */
	struct channel_snapshot *set;
	bool current; /* the key is the one for new work */
};

/* A file of a key, a profile or offers, as it was when it was read. */
struct channel_file {
	const char *path;
	ino_t ino; /* 0 = it was absent */
	off_t size;
	struct timespec changed;
};

/* A channel that is configured, whether it can be used or not. */
struct channel_name {
	const char *name;
	bool lacks_key; /* one of its keys cannot be read, but is not given up */
	bool enabled;   /* it gets new work once it can be used */
	bool usable;    /* it has its profile and its key for new work */
	/* A model that it lists, usable or not, is made by no channel without it in its list. */
	const struct channel_model *models;
	size_t model_count;
	/* What it offers, its own or its dialect's, as far as that could be read. */
	const struct dialect_offer *offers;
	size_t offer_count;
};

struct channel_snapshot {
	atomic_int references;
	struct arena *arena; /* owns all that follows */
	struct channel_entry *entries;
	size_t count, room;
	struct channel_name *names;
	size_t name_count;
	struct channel_file *files;
	size_t file_count;
	struct dialect **dialects;
	size_t dialect_count;
};

/* What a snapshot is made from. */
struct channel_source {
	const struct config *config;
	const char *dialects; /* directory of the shipped profiles */
	const struct channel_row *rows;
	size_t count;
};

/* Makes a snapshot, to which the caller has a reference. Logs and leaves out each row that cannot be used;
 * `strict`: the configuration's channel must be usable. NULL, with one sentence in `ret_why`, where it is
 * not, or when memory is short. */
struct channel_snapshot *
channel_snapshot_new(const struct channel_source *source, bool strict, char *ret_why, size_t why_size);

/* Gives a reference back; the last frees the snapshot. NULL is fine. */
void channel_snapshot_release(struct channel_snapshot *set);

/* True where one of these files has changed since. */
bool channel_snapshot_stale(const struct channel_snapshot *set);

#endif
