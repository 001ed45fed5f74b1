/* What an endpoint is given: one call, with everything that belongs to it. Belongs to the thread that serves
 * it. */
#ifndef API_CALL_H
#define API_CALL_H

#include <stdint.h>

#include "base/err.h"
#include "model/user.h"
#include "web/reply.h"
#include "web/request.h"

struct arena;
struct config;
struct links;
struct store;

/* Who may call a route; struct route's `access`. */
enum access {
	ACCESS_PUBLIC, /* everybody */
	ACCESS_USER,   /* who bears a valid token */
	ACCESS_ADMIN   /* of these, administrators */
};

struct call {
	struct request *request;
	struct reply *reply;
	struct arena *arena; /* of the request */
	struct store *store; /* of the thread */
	const struct config *config;
	const struct user *user;   /* who asks; NULL on a public route, unless its handler has asked */
	const struct links *links; /* to videos; the program's */
	const char *lang;          /* "zh" or "en", by Accept-Language */
	void *program;             /* the program's own state (struct program's `open`), or NULL */
};

/* The user id to look tasks up by: the caller's, or 0 (any) for an administrator. */
int64_t call_scope(const struct call *call);

/* Logs what the caller has done to a task ("cancelled"), with the ids of the request, the user and the task.
 */
void call_log(const struct call *call, const char *done, const char *video_id);

#endif
