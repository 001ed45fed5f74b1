/* The configuration of `longreel serve`: reads and tries it, and logs what follows from it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/machine.h"
#include "domain/channel/channels.h"
#include "domain/settings.h"
#include "serve.h"

void
serve_log(const struct serve *serve, const struct config *config)
{
	int64_t memory = machine_memory(), wanted = config->max_connections;
	int64_t connections = machine_connections(wanted, memory, serve->descriptors);

	log_open("serve", log_level_of(config->log_level), strcmp(config->log_to, "syslog") == 0);
	log_info("max_connections=%" PRId64 " long_polls=%" PRId64 " from=%s memory_mb=%" PRId64
	         " descriptors=%" PRId64,
	         connections, machine_waiters(config->max_waiters, connections),
	         connections == wanted                                                 ? "configuration"
	         : connections == machine_connections(wanted, memory, INT64_MAX / 100) ? "memory"
	                                                                               : "descriptors",
	         memory / (1024 * 1024), serve->descriptors);
}

struct config *
serve_config(const struct serve *serve, char *ret_why, size_t why_size)
{
	struct config *config = settings_load(serve->instance.data, NULL, ret_why, why_size);
	if (config == NULL)
		return NULL;
	struct channels *channels = channels_open_installed(config, ret_why, why_size);
	if (channels == NULL) {
		config_free(config);
		return NULL;
	}
	channels_close(channels);
	return config;
}

void
serve_warn(const struct serve *serve)
{
	if (config_on(serve->config->registration) && serve->listener >= 0 &&
	    !listen_is_loopback(serve->listener))
		log_warn("anyone who can reach %s may register; to prevent it, set registration = closed and "
		         "use `longreel user add`",
		         serve->address);
}
