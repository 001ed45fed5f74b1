/* Gives tasks that wait for a channel which takes nothing now, or gets no new work, to channels that take
 * them. The poller calls it once a second. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_CHANNEL_REBALANCE_H
#define DOMAIN_CHANNEL_REBALANCE_H

#include "base/err.h"

struct domain_env;
struct rebalance_cursor;

/* Makes the cursor: how far rebalance() has come in each channel's backlog. NULL when memory is short. */
struct rebalance_cursor *rebalance_cursor_new(void);

/* Frees it. NULL is fine. */
void rebalance_cursor_free(struct rebalance_cursor *cursor);

/* Goes through the backlogs, at most 200 tasks of each channel a call: first those whose turn it would be,
 * then, where none of them can go, the others; a transaction for each channel with waiting tasks. The store's
 * errors, ERR_NO_MEMORY. */
enum err_code rebalance(const struct domain_env *env, struct rebalance_cursor *cursor);

/* Gives a row to each channel that has none any more, though tasks that are not over name it: without one
 * nothing would find them, and what they hold would stay on hold for ever. With it they end by their
 * deadline. Writes only where there is such a channel. The store's errors, ERR_NO_MEMORY. */
enum err_code rebalance_strays(const struct domain_env *env);

#endif
