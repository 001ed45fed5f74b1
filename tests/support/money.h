/* Money for the tests of lib/domain: surroundings with billing, a price and a user who can pay it. Every
 * function fails the test rather than return an error. */
#ifndef SUPPORT_MONEY_H
#define SUPPORT_MONEY_H

#include <stdint.h>

#include "support/domains.h"

struct quote;

enum { MONEY_PRICE = 800000, MONEY_GRANT = 1000000000, MONEY_LATE_MS = 60000 };

/* Surroundings with billing, where each video costs MONEY_PRICE; the first user was given MONEY_GRANT, and
 * late_hold is MONEY_LATE_MS. */
struct domains *money_domains(void);

/* Checks that the accounts add up. */
void money_check(struct domains *d);

/* Prices the task, now. */
struct quote money_quote(struct domains *d, struct task *task);

#endif
