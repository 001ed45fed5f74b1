/* The channels that the configuration defines. Immutable once opened, thread-safe. */
#ifndef DOMAIN_CHANNEL_H
#define DOMAIN_CHANNEL_H

#include <stddef.h>

#include "model/channel.h"

struct channels;
struct config;

/* Makes the channels of the configuration; profiles are read from `dialects`, a directory. The configuration
 * must outlive them. NULL with one sentence in `ret_why` for a bad profile. No upstream configured is not an
 * error: there are no channels then. */
struct channels *
channels_open(const struct config *config, const char *dialects, char *ret_why, size_t why_size);

/* Frees them. NULL is fine. */
void channels_close(struct channels *channels);

/* The channel for new work, or NULL where there is none. */
const struct channel *channels_for_new(const struct channels *channels);

/* The channel of that name, or NULL where it is no longer configured. */
const struct channel *channels_named(const struct channels *channels, const char *name);

#endif
