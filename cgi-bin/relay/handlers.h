/* The handlers that relay.c's table names. */
#ifndef RELAY_HANDLERS_H
#define RELAY_HANDLERS_H

#include "base/err.h"

struct call;

struct err relay_create(struct call *call);
struct err relay_remix(struct call *call);
struct err relay_remix_batch(struct call *call);
struct err relay_retry(struct call *call);
struct err relay_v1_character(struct call *call);
struct err relay_v1_edit(struct call *call);
struct err relay_v1_extend(struct call *call);

#endif
