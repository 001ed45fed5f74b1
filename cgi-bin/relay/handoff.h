/* From a checked input, or a task that exists, to what the driver takes. For accepting threads. */
#ifndef CGI_BIN_RELAY_HANDOFF_H
#define CGI_BIN_RELAY_HANDOFF_H

#include "base/err.h"
#include "driver.h"

struct call;
struct create_input;

/* Answers a call with one creation: now where it is decided, else once its submission has ended.
 * ERR_NO_MEMORY: the caller answers. */
struct err handoff_creation(struct call *call, const struct creation *creation);

/* The same for a task that is still to be created from a checked input; removes the input's image where no
 * task takes it. */
struct err handoff_input(struct call *call, const struct create_input *input);

#endif
