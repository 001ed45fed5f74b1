/* Where users want to be told what became of their videos, and what they are told, as plain data. Strings
 * belong to whoever loaded them. */
#ifndef MODEL_WEBHOOK_H
#define MODEL_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#define WEBHOOK_COMPLETED "video.completed"
#define WEBHOOK_FAILED    "video.failed"

struct webhook {
	int64_t id;
	const char *url;
	bool completed, failed; /* the events that it wants */
	bool enabled;
	const char
	    *note; /* why we have disabled it: gone, failing, key_revoked, key_expired; NULL = we have not */
	int64_t failing_since; /* ms since the epoch, as all times here; 0 = the last delivery was taken */
	int64_t created_at;
	const char *secret;   /* shown to nobody after the first time */
	int64_t old_until;    /* until when is signed with the secret before that, too; 0 = there was none */
	int64_t key_id;       /* the API key that has written it last, with which it ends; 0 = a login */
	const char *key_name; /* … and its name then; NULL = a login */
};

/* An event that an endpoint is told of. */
struct delivery {
	int64_t id, webhook_id;
	int64_t attempt;    /* the task's, that has ended */
	const char *event;  /* "video.completed" or "video.failed" */
	int64_t created_at; /* when the task ended */
	int64_t due_at;     /* the next try, or the end of the lease; 0 = none */
	const char *owner;  /* who holds its lease, or NULL */
	int64_t tries;
	int64_t tried_at;     /* 0 = never */
	int64_t status;       /* HTTP, of the last try; 0 = there was no answer */
	const char *error;    /* why not, in words; NULL = nothing is to be said */
	int64_t delivered_at; /* 0 = it was not */
	const char *video_id;
	const char *client_request_id; /* NULL = the task has none */
	/* for who sends it */
	const char *url, *secret, *old_secret;
	int64_t old_until;
};

#endif
