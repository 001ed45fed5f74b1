/* The shares of the polled tasks that this process holds. A task belongs to one of SHARES shares by its id,
 * and a poller holds some of these by one lease, which it extends now and then: that, and until when it has
 * looked at the tasks of each, is all that is written of polls without news. Several pollers have equal
 * parts; those of one that dies are taken over at once where that can be seen, and when its lease ends
 * elsewhere. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_SHARES_H
#define DOMAIN_TASK_SHARES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct domain_env;
struct open_tasks;
struct shares;

/* No shares yet. stays: false where the process ends when nothing is due, and takes only what is free; else
 * it takes its part. NULL when memory is short. */
struct shares *shares_new(const struct domain_env *env, bool stays);

/* Frees them, but does not return them. NULL is fine. */
void shares_free(struct shares *shares);

/* The tasks of the shares. */
struct open_tasks *shares_tasks(const struct shares *shares);

/* Extends the lease, takes and gives shares where it is time for that, and reads what has changed of their
 * tasks. Call it after each commit by others, and in time (shares_wait()). The store's errors: what could not
 * be read is read by the next call. */
enum err_code shares_pass(struct shares *shares);

/* Returns the ms until shares_pass() should be called again at the latest. */
int64_t shares_wait(const struct shares *shares);

/* Reads all tasks anew at the next shares_pass(): after the clock was set, and the times in the database with
 * it.
 */
void shares_forget(struct shares *shares);

/* Returns all shares, with what is known of their looks. The store's errors: the lease runs out. */
enum err_code shares_return(struct shares *shares);

#endif
