/* The environment's part of the configuration beside its keys: which other LONGREEL_ variables there may be,
 * and what a word may have been meant to be. Internal to this folder, but for config_env_name(). */
#ifndef BASE_CONFIG_ENV_H
#define BASE_CONFIG_ENV_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { CONFIG_ENV_SIZE = 64 /* bytes of a variable's name */ };

/* Writes the variable of a key: LONGREEL_RATE_CREATE of rate_create. */
void config_env_name(const char *key, char ret_name[CONFIG_ENV_SIZE]);

/* The LONGREEL_ variables of the environment that are not empty, and neither one of the keys nor one that
 * build and tests use: a NULL-terminated array in the arena, as its strings. NULL when memory is short.
 * Thread-safe as long as nobody changes the environment. */
const char *const *config_env_strangers(struct arena *arena, const char *const *keys, size_t count);

/* The one of `words` that `word` is most like, or NULL where none is. */
const char *config_env_meant(const char *word, const char *const *words, size_t count);

#endif
