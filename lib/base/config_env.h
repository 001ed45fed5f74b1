/* Environment variables LONGREEL_… and SORA_API_…: the name of a key's variable, unknown variables, and which
 * known word a misspelt one is most like. Internal to this folder, but for config_env_name(). */
#ifndef BASE_CONFIG_ENV_H
#define BASE_CONFIG_ENV_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { CONFIG_ENV_SIZE = 64 /* bytes of a variable's name */ };

/* Writes the name of a key's variable: LONGREEL_RATE_CREATE for rate_create. */
void config_env_name(const char *key, char ret_name[CONFIG_ENV_SIZE]);

/* Lists the variables that are meant for us and are unknown, also empty ones: those that begin with LONGREEL_
 * or SORA_, or are one of our names but for a slip or two, and yet belong neither to a key nor to build and
 * tests. A NULL-terminated array, in the arena with its strings; NULL when memory is short. Thread-safe as
 * long as no thread changes the environment. */
const char *const *config_env_strangers(struct arena *arena, const char *const *keys, size_t count);

/* Returns the one of `words` that `word` is most like, or NULL where it is like none. */
const char *config_env_meant(const char *word, const char *const *words, size_t count);

/* Writes the name of the variable that such an unknown one is most like. False where it is like none. */
bool
config_env_alike(const char *variable, const char *const *keys, size_t count, char ret_ours[CONFIG_ENV_SIZE]);

#endif
