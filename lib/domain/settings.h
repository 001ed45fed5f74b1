/* Loads the configuration as a whole: the file, the environment, and the variables that the operator's
 * channels name. For programs that have one thread yet. */
#ifndef DOMAIN_SETTINGS_H
#define DOMAIN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Reads the configuration of the data directory `data`, as config_load(); also checks the environment, as
 * settings_check(), and base_path; makes its time zone that of the process (base/window.h). NULL with one
 * sentence in `ret_why`. To be freed by config_free(). */
struct config *settings_load(const char *data, const char *also, char *ret_why, size_t why_size);

/* True where each variable of the environment that is meant for us is known: a key of the configuration, one
 * for build and tests, one that a channel names for its key or secret, or `also` (NULL = no other). False
 * with one sentence in `ret_why` that names the variable, and a similar known one. Reads the database only
 * where a variable is not known otherwise; where it cannot be read, this is left to the next program. */
bool settings_check(const struct config *config, const char *also, char *ret_why, size_t why_size);

#endif
