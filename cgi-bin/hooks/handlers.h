/* The handlers that hooks.c's table names. */
#ifndef HOOKS_HANDLERS_H
#define HOOKS_HANDLERS_H

#include "base/err.h"

struct call;

struct err hooks_add(struct call *call);
struct err hooks_change(struct call *call);
struct err hooks_delete(struct call *call);
struct err hooks_deliveries(struct call *call);
struct err hooks_inbound(struct call *call);
struct err hooks_list(struct call *call);
struct err hooks_replay(struct call *call);
struct err hooks_rotate(struct call *call);
struct err hooks_show(struct call *call);

#endif
