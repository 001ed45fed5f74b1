/* The way of a request through a program; of program.c. */
#ifndef API_REQUEST_FLOW_H
#define API_REQUEST_FLOW_H

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct config;
struct links;
struct reply;
struct request;
struct route_table;
struct store;
struct unread;

/* What all requests of a program share; unchanged while it serves. */
struct flow {
	const struct route_table *routes;
	int64_t largest_body; /* bytes; 0 = LIMIT_JSON_BODY */
	bool snapshot;        /* each request reads one snapshot of the database */
	struct config *config;
	/* Requests that read, and bytes of large answers, for each user; NULL under plain CGI, where no
	 * memory lasts from one request to the next. */
	struct budget *reads, *answers;
	struct unread *unread; /* large answers that were not read yet; likewise */
	struct links *links;
	void *state; /* the program's own, or NULL */
};

/* What one accepting thread has for itself. */
struct worker {
	const struct flow *flow;
	struct store *store;
};

/* Handles one request from its headers to its line in the log: struct service's `handle`; `thread` is the
 * struct worker of the calling thread. The reply is complete, streamed, or detached afterwards. */
void request_flow(void *thread, struct request *request, struct reply *reply);

#endif
