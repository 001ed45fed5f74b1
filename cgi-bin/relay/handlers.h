/* The handlers that relay.c's table names. */
#ifndef RELAY_HANDLERS_H
#define RELAY_HANDLERS_H

#include "base/err.h"

struct call;

struct err relay_create(struct call *call);

#endif
