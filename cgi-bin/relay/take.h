/* From a checked input to an answer, or to a submission that will answer. */
#ifndef RELAY_TAKE_H
#define RELAY_TAKE_H

#include "base/err.h"
#include "driver.h"

struct call;
struct create_input;

/* Writes the task down and says how it stands; an input that no task has taken loses its image. `ret_wait_ms`
 * with ERR_RATE_LIMITED. */
struct item take_down(struct call *call, const struct create_input *input, int64_t *ret_wait_ms);

/* Answers a call with one item: now where it is decided, else once its submission has ended. */
struct err take_on(struct call *call, const struct item *item);

/* Both: the whole of a creation. */
struct err take_input(struct call *call, const struct create_input *input);

#endif
