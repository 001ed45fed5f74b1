/* The configuration as a whole: see settings.h. Channels name variables in the database, which base/config.c
 * must not know. */
#include "domain/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/window.h"
#include "store/channel.h"
#include "store/store.h"

/* True where the secret at `source` is in that variable. */
static bool
is_variable(const char *source, const char *variable)
{
	return source != NULL && strncmp(source, "env:", 4) == 0 && strcmp(source + 4, variable) == 0;
}

/* True where a channel names the variable. */
static bool
is_named(const struct channel_row *rows, size_t count, const char *variable)
{
	for (size_t i = 0; i < count; i++) {
		if (is_variable(rows[i].webhook, variable))
			return true;
		for (size_t k = 0; k < rows[i].key_count; k++)
			if (is_variable(rows[i].keys[k], variable))
				return true;
	}
	return false;
}

/* The first variable that is neither `also` nor named by a channel, or NULL. */
static const char *
first_unknown(const struct config *config, const char *also, struct store *store, struct arena *arena)
{
	struct channel_row *rows = NULL;
	size_t count = 0;
	if (store != NULL && store_channels_all(store, arena, &rows, &count) != ERR_OK)
		return NULL;
	for (const char *const *variable = config->strangers; *variable != NULL; variable++)
		if ((also == NULL || strcmp(*variable, also) != 0) && !is_named(rows, count, *variable))
			return *variable;
	return NULL;
}

bool
settings_check(const struct config *config, const char *also, char *ret_why, size_t why_size)
{
	if (config->strangers == NULL || config->strangers[0] == NULL)
		return true;
	const char *found = NULL;
	struct store *store = NULL;
	struct arena *arena = arena_new();
	enum err_code err = store_open(config->data, STORE_READ, &store);
	if (arena != NULL && (err == ERR_OK || err == ERR_NOT_FOUND))
		found = first_unknown(config, also, store, arena);
	if (found != NULL)
		config_explain(found, ret_why, why_size);
	store_close(store);
	arena_free(arena);
	return found == NULL;
}

struct config *
settings_load(const char *data, const char *also, char *ret_why, size_t why_size)
{
	struct config *config = config_load(data, ret_why, why_size);
	if (config == NULL)
		return NULL;
	if (!window_zone_set(config->timezone))
		snprintf(ret_why, why_size, "Not enough memory to read the configuration.");
	else if (settings_check(config, also, ret_why, why_size))
		return config;
	config_free(config);
	return NULL;
}
