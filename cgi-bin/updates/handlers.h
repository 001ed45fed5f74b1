/* The handlers of updates.c's route table. */
#ifndef UPDATES_HANDLERS_H
#define UPDATES_HANDLERS_H

#include "base/err.h"

struct call;

struct err updates_poll(struct call *call);
struct err updates_v1_show(struct call *call);

#endif
