/* Handing a call over to the driver. */
#ifndef CGI_BIN_RELAY_HANDOFF_H
#define CGI_BIN_RELAY_HANDOFF_H

#include "base/err.h"
#include "driver.h"

struct call;
struct create_input;

/* Answers a call with one item: now where it is decided, else once its submission has ended. */
struct err take_on(struct call *call, const struct item *item);

/* The whole of a creation from a checked input. */
struct err take_input(struct call *call, const struct create_input *input);

#endif
