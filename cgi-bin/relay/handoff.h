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

/* The same for tasks that are still to be created from a checked input, as many as its set has; removes the
 * input's images where no task takes them. ERR_NO_MEMORY, ERR_NO_SPACE, ERR_INTERNAL. */
struct err handoff_input(struct call *call, const struct create_input *input);

#endif
