/* The route table: what a program answers, and its documentation. A table is constant, and thread-safe. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stddef.h>

#include "base/err.h"

struct call; /* a handler's argument; the floor above defines it */
struct request;

/* What a handler reads of a request; the rest must be empty, since no call ignores a part of its request in
 * silence (see field.h). */
enum {
	TAKES_QUERY = 1, /* the query */
	TAKES_BODY = 2,  /* the body, of other methods than GET */
	TAKES_NONE = 4,  /* nothing: it refuses whatever comes, before the body */
	READS = 8        /* … and whether it reads only, though its method is not GET */
};

struct route {
	const char *method; /* "GET", "POST", … in capitals */
	const char *path; /* "/api/video/tasks/:videoId"; a ":name" matches one segment, a "*name" at the end
	                   all that follows: see route_find() */
	/* NULL: another program answers this method of the path; it is named here for Allow. */
	struct err (*handler)(struct call *call);
	unsigned access;     /* who may call; the floor above knows the values */
	const char *summary; /* one line for docs/api-reference.md and /openapi.json */
	unsigned takes;      /* TAKES_… */
};

struct route_table {
	const struct route *rows;
	size_t count;
};

/* Finds the row for the request's method and path and fills request->params (from the request's
 * arena). ERR_OK; ERR_NOT_FOUND; ERR_METHOD_NOT_ALLOWED, with ret_allow then naming the methods that
 * the path knows ("GET, HEAD, POST"); ERR_URI_TOO_LONG; ERR_BAD_REQUEST for a path that cannot be decoded;
 * ERR_NO_MEMORY. A literal segment wins over a ":name". An encoded slash is a path that cannot be decoded,
 * but where a "*name" stands for it: before that the path must be literally the row's. */
enum err_code route_find(const struct route_table *table, struct request *request,
                         const struct route **ret_route, const char **ret_allow);

#endif
