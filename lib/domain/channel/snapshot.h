/* A set of channels as it stands at one time: immutable, but for who holds it. Internal to this folder.
 * Thread-safe. */
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

/* One channel with one of its keys. */
struct channel_entry {
	struct channel channel; /* first: a channel that was handed out leads back here */
	struct channel_snapshot *set;
	bool current; /* the key is the one for new work */
};

/* The file of a key, as it was when it was read. */
struct channel_file {
	const char *path;
	ino_t ino; /* 0 = it was not there */
	off_t size;
	struct timespec changed;
};

/* A channel that is spoken of, whether it can be used or not. */
struct channel_name {
	const char *name;
	bool lacks_key; /* one of its keys cannot be read, and should be */
	bool enabled;   /* it would get new work, could it be used */
	bool usable;    /* it has its profile and its key for new work */
	/* What it lists, be it usable or not: no other channel that does not list it may make it. */
	const struct channel_model *models;
	size_t model_count;
};

struct channel_snapshot {
	atomic_int holders;
	struct arena *arena; /* of all that follows */
	struct channel_entry *entries;
	size_t count, room;
	struct channel_name *names;
	size_t name_count;
	struct channel_file *files;
	size_t file_count;
	struct dialect **dialects;
	size_t dialect_count;
};

/* What a set is made from. */
struct channel_source {
	const struct config *config;
	const char *dialects; /* directory of the shipped profiles */
	const struct channel_row *rows;
	size_t count;
};

/* Makes a set that the caller holds. A row that cannot be used is logged and left out; `strict`: the
 * configuration's channel must be usable, else NULL with one sentence in `ret_why`. NULL also when memory is
 * short. */
struct channel_snapshot *
channel_snapshot_new(const struct channel_source *source, bool strict, char *ret_why, size_t why_size);

/* Lets go of it; the last one frees it. NULL is fine. */
void channel_snapshot_release(struct channel_snapshot *set);

/* Whether a file of a key is another than it was. */
bool channel_snapshot_stale(const struct channel_snapshot *set);

#endif
