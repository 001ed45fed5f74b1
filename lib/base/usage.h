/* What a program answers to --help and --version. Thread-safe. */
#ifndef BASE_USAGE_H
#define BASE_USAGE_H

#include <stdbool.h>

/* True where --help, -h or --version is among the arguments, and not in a CGI request, whose query may become
 * arguments (RFC 3875, 4.4): then `text`, or the program's name and version, is on standard output, and
 * ret_status is what main() is to return. */
bool usage_asked(int argc, char **argv, const char *name, const char *text, int *ret_status);

#endif
