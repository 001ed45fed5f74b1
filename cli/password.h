/* Reads passwords without showing them. */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include <stdbool.h>

#include "base/limits.h"

enum {
	PASSWORD_SIZE = LIMIT_PASSWORD * 4 + 2
}; /* bytes: characters of up to four bytes, a newline and a NUL */

/* Reads a new password from standard input: one line; at a terminal without echo, and twice. On failure, or
 * where it is too short or too long, says why and returns false. */
bool password_read(char ret_password[PASSWORD_SIZE]);

/* As password_read(), from the first line of a file; NULL and "-" are standard input. */
bool password_read_from(const char *file, char ret_password[PASSWORD_SIZE]);

/* Reads one line of standard input, without its end, into `size` bytes; at a terminal after the prompt, and
 * without echo. False where there is none, or it is too long. */
bool password_ask(const char *prompt, char *ret_line, int size);

#endif
