/* A call: what an endpoint's handler gets. Belongs to the thread that serves it. */
#ifndef API_CALL_H
#define API_CALL_H

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "model/user.h"
#include "web/reply.h"
#include "web/request.h"

struct arena;
struct config;
struct links;
struct store;

/* Who may call a route: struct route's `access`. */
enum access {
	ACCESS_PUBLIC, /* all */
	ACCESS_USER,   /* users with a valid token */
	ACCESS_ADMIN   /* administrators */
};

struct call {
	struct request *request;
	struct reply *reply;
	struct arena *arena; /* of the request */
	struct store *store; /* of the thread */
	const struct config *config;
	const struct user *user;   /* the caller; NULL on a public route, unless its handler has set it */
	const struct links *links; /* makes links to videos; the program's */
	const char *lang;          /* "zh" or "en", by Accept-Language */
	int64_t streamed;          /* bytes of the answer that the handler has streamed */
	void *program;             /* the program's own state (struct program's `open`), or NULL */
};

/* The user id to look tasks up by: the caller's, or 0 (any) for an administrator. */
int64_t call_scope(const struct call *call);

/* Returns the number in the path's parameter `param`; 0, which no row has, where it is not a number. */
int64_t call_number(const struct call *call, int param);

/* ERR_FORBIDDEN, with the sentence, for a caller with an API key instead of a login; else ERR_OK. */
struct err call_refuse_key(const struct call *call, const char *sentence);

/* Begins the answer in the envelope: the caller writes the members of its `data`. */
struct jsonw call_answer_begin(const struct call *call);

/* Ends it, with the status. Returns ERR_OK. */
struct err call_answer_end(const struct call *call, struct jsonw *w, int status);

/* Answers with an empty object, status 200. Returns ERR_OK. */
struct err call_answer_empty(const struct call *call);

/* Logs what the caller did to a task, such as "cancelled", with the ids of request, user and task. */
void call_log(const struct call *call, const char *done, const char *video_id);

#endif
