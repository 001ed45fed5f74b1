/* The administrator that `longreel setup` adds. */
#ifndef CLI_SETUP_ADMIN_H
#define CLI_SETUP_ADMIN_H

#include <stdbool.h>

struct cli_call;

/* Adds the administrator of --administrator, or asks for one at the terminal where there is none yet. One
 * that is there stays as it is. Returns the exit code, after a message. */
int setup_admin(const struct cli_call *call, bool asks);

#endif
