/* The log: one line an event, on standard error or syslog, as "time level program[pid] key=value …".
 * Never pass a secret or a whole prompt to these functions. Thread-safe: a line is written by one write(). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Sets the program's name in every line, the least important level that is written, and where to: syslog(3)
 * where `use_syslog`, else standard error. `program` must live for ever. */
void log_open(const char *program, enum log_level level, bool use_syslog);

/* Returns the level of a word of the configuration: "error", "warn", "info", "debug"; info for any other. */
enum log_level log_level_of(const char *word);

/* Writes one line of at most 2 kB. Conversions: %s, %d, %ld, %lld (so PRId64), %zu, %m, %%, without flags and
 * widths. A string (%s) that is a word of printable ASCII without quotes, "\" and "=" is written as it is.
 * Any other is put in double quotes and cut at 256 bytes; each byte that could end the quotes or begin a
 * field
 * ("="), or is not visible as itself (controls, blanks but the space, directions, invalid UTF-8), becomes
 * \xNN. So no text can forge a field: "key=" never stands inside quotes. NULL is written as "-". */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
