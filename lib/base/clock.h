/* The clocks: wall time for what is stored and shown, monotonic time for waiting. Thread-safe. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 32 };

/* Returns the milliseconds since the Unix epoch. */
int64_t clock_wall_ms(void);

/* Returns the milliseconds of a clock that never jumps; only differences mean anything. */
int64_t clock_mono_ms(void);

/* Returns the milliseconds since the machine was started, the time that it slept included. Cannot be set. */
int64_t clock_boot_ms(void);

/* Writes `wall_ms` as RFC 3339 in UTC with milliseconds, "2025-11-28T00:56:42.480Z". */
void clock_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE]);

/* Writes `wall_ms` as an HTTP date (RFC 9110, section 5.6.7), "Fri, 28 Nov 2025 00:56:42 GMT". */
void clock_http_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE]);

/* Reads a time as ISO 8601 writes it, "2025-11-28T00:56:42.480Z": a blank may stand for the T, an offset
 * (+08:00, +0800) for the Z, neither means UTC, and seconds and their fraction may be absent. False, and
 * nothing written, for all else. */
bool clock_read_text(const char *text, int64_t *ret_wall_ms);

#endif
