/* The settings that apply to all jobs, in DATA/simulator/control.json; a missing one has its default.
 * Thread-safe, and safe between processes. */
#ifndef SIMULATOR_SETTINGS_H
#define SIMULATOR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "faults.h"

struct arena;
struct json;
struct jsonw;

struct settings {
	int64_t duration_ms;
	int64_t answer_delay_ms; /* before a submission is answered */
	int64_t poll_delay_ms;   /* before a poll is answered */
	int64_t retry_after;     /* seconds, with 429 and 503 */
	int64_t times;           /* requests that still get a fault; -1 = all */
	bool keys;               /* submissions with the same idempotency key are one job */
	enum fault submit, poll;
};

/* Reads an object of settings. ERR_BAD_FIELD for a bad value or an unknown name. */
struct err settings_read(struct arena *arena, const struct json *object, struct settings *ret_settings);

/* Writes the settings as a JSON object. */
void settings_write(struct jsonw *w, const struct settings *settings);

/* Reads the settings in force. ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code settings_load(struct arena *arena, const char *dir, struct settings *ret_settings);

/* Puts `settings` in force; NULL = the defaults. ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code settings_store(struct arena *arena, const char *dir, const struct settings *settings);

/* Counts one request, a poll or a submission, and gives the settings before it and their fault for it. Errors
 * as settings_store(). */
enum err_code settings_count(struct arena *arena, const char *dir, bool poll, struct settings *ret_settings,
                             enum fault *ret_fault);

#endif
