/* One line an event, on standard error or syslog, as "time level program[pid] key=value …".
 * The rule of the house: a secret or a whole prompt is never passed to these functions.
 * Thread-safe: a line is written by one write(). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Names this program in every line, sets the least important level that is written, and the way out:
 * syslog(3) instead of standard error where `use_syslog`. `program` must live for ever. */
void log_open(const char *program, enum log_level level, bool use_syslog);

/* The level of a word of the configuration: "error", "warn", "info", "debug"; info for any other. */
enum log_level log_level_of(const char *word);

/* Writes one line, of at most 2 kB. Conversions: %s, %d, %ld, %lld (so PRId64), %zu, %m, %%, without flags
 * and widths. A string is written as it is where it is a word of printable ASCII without quotes, "\" and "=";
 * else in double quotes, with \xNN for each byte of what could end the quotes, begin a field ("="), or is not
 * seen as it stands (controls, blanks but the space, directions, what is no UTF-8), and at most 256 bytes of
 * it. So no text can forge a field: "key=" never stands inside quotes. NULL is written as "-". */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
