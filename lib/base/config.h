/* The configuration: DATA/longreel.conf or /etc/longreel/longreel.conf (KEY = VALUE, # starts a comment),
 * each key overridden by the environment variable LONGREEL_KEY (an empty one counts as absent). Read once at
 * start, then read-only and thread-safe. The keys are the rows of config.def. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct config {
	const char *data;             /* absolute path of DATA, without a slash at its end */
	const char *file;             /* the one that is read, whether or not it is there */
	const char *const *strangers; /* variables meant for us that are no keys, NULL-terminated: see
	                                 domain/settings.h */
#define CONFIG_WORD(name, preset, words, what)       const char *name;
#define CONFIG_INT(name, preset, least, most, what)  int64_t name;
#define CONFIG_TIME(name, preset, least, most, what) int64_t name; /* ms */
#define CONFIG_TEXT(name, preset, what)              const char *name;
#include "base/config.def"
};

/* Returns the path of the machine's file, whether or not it is there. In `arena`; NULL when memory is short.
 */
const char *config_of_machine(struct arena *arena);

/* Reads the configuration of `data`, an existing directory. A missing file means defaults. The caller frees
 * with config_free(). NULL on failure, with one sentence in `ret_why` that names file, line and key (or the
 * environment variable), and never a value, which might be a secret. */
struct config *config_load(const char *data, char *ret_why, size_t why_size);

/* Writes the sentence that refuses an unknown environment variable, and names the key that it is most like.
 */
void config_explain(const char *variable, char *ret_why, size_t why_size);

/* Frees a configuration. NULL is fine. */
void config_free(struct config *config);

/* True where the word-typed value is "on" or "open". */
bool config_on(const char *word);

/* True for a text that is not empty; NULL is. */
bool config_is_set(const char *text);

#endif
