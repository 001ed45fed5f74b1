/* The configuration as a whole: the file, its environment, and what the operator's channels make of that. */
#ifndef DOMAIN_SETTINGS_H
#define DOMAIN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Reads the configuration of `data`, as config_load() does, and refuses variables of the environment as
 * settings_check() does, and a base_path that is none. */
struct config *settings_load(const char *data, const char *also, char *ret_why, size_t why_size);

/* Whether each LONGREEL_ variable of the environment is known: a key of the configuration, one that build and
 * tests use, one that a channel names as its key, or `also` (NULL = no other). False with one sentence in
 * `ret_why` that names it, and what may have been meant. The database is asked only where there is a variable
 * that it may know; one that cannot be asked is asked later, by the next program. */
bool settings_check(const struct config *config, const char *also, char *ret_why, size_t why_size);

#endif
