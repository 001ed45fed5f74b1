/* The handlers that content.c's table names. */
#ifndef CONTENT_HANDLERS_H
#define CONTENT_HANDLERS_H

#include "base/err.h"

struct call;

struct err content_get(struct call *call);
struct err content_input(struct call *call);

#endif
