/* The channels that the configuration defines: today one, "default", from upstream_base, _key and _dialect.
 */
#include "domain/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "upstream/dialect.h"

struct channels {
	struct channel preset;
	struct dialect *dialect;
};

struct channels *
channels_open(const struct config *config, const char *dialects, char *ret_why, size_t why_size)
{
	struct channels *channels = calloc(1, sizeof(*channels));
	if (channels == NULL) {
		snprintf(ret_why, why_size, "memory is short");
		return NULL;
	}
	if (config->upstream_base[0] == '\0')
		return channels;
	channels->dialect = dialect_load(dialects, config->upstream_dialect, ret_why, why_size);
	if (channels->dialect == NULL) {
		free(channels);
		return NULL;
	}
	const char *header = dialect_idempotency_header(channels->dialect);
	if (header == NULL && config_on(config->upstream_idempotency))
		header = "Idempotency-Key";
	channels->preset = (struct channel){
	    .name = "default",
	    .base = config->upstream_base,
	    .key = config->upstream_key,
	    .dialect = channels->dialect,
	    .idempotency_header = header,
	    .allow_private = config_on(config->upstream_private),
	};
	return channels;
}

void
channels_close(struct channels *channels)
{
	if (channels == NULL)
		return;
	dialect_free(channels->dialect);
	free(channels);
}

const struct channel *
channels_for_new(const struct channels *channels)
{
	return channels->dialect != NULL ? &channels->preset : NULL;
}

const struct channel *
channels_named(const struct channels *channels, const char *name)
{
	bool ours = channels->dialect != NULL && strcmp(name, channels->preset.name) == 0;
	return ours ? &channels->preset : NULL;
}
