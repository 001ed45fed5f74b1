/* How many webhooks are sent: a receiver may be a third party, to which an account, or many, would direct a
 * flood. Belongs to the thread of the store. */
#ifndef DOMAIN_WEBHOOK_DELIVER_RATE_H
#define DOMAIN_WEBHOOK_DELIVER_RATE_H

#include <stdint.h>

#include "base/err.h"

struct config;
struct delivery;
struct store;

/* Takes one from the rate of the delivery's user (rate_webhook) and from that of its host
 * (rate_webhook_host), of which a user has an equal share; or nothing. ret_wait: the ms until there may be
 * one; 0 = it was taken. Inside a transaction. The store's errors. */
enum err_code deliver_rate(const struct config *config, struct store *store, const struct delivery *delivery,
                           int64_t now, int64_t *ret_wait);

#endif
