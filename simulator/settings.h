/* The settings that hold for every job, in DATA/simulator/control.json; what is not there has its default.
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
	int64_t times;           /* requests that the faults still meet; -1 = all */
	bool keys;               /* whether submissions with the same idempotency key are one job */
	enum fault submit, poll;
};

/* Reads an object of settings. ERR_BAD_FIELD for a bad value or a name that is not a setting's. */
struct err settings_read(struct arena *arena, const struct json *object, struct settings *ret_settings);

/* Writes the settings as a JSON object. */
void settings_write(struct jsonw *w, const struct settings *settings);

/* What holds at the moment. ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code settings_load(struct arena *arena, const char *dir, struct settings *ret_settings);

/* Makes `settings` hold from now on; NULL = the defaults. ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code settings_store(struct arena *arena, const char *dir, const struct settings *settings);

/* What one request meets: the settings (as before it) and their fault for it, counted down. As above. */
enum err_code settings_meet(struct arena *arena, const char *dir, bool poll, struct settings *ret_settings,
                            enum fault *ret_fault);

#endif
