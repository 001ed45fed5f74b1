/* Webhook endpoints of users, and what is delivered to them. Plain data; strings live as long as the arena
 * they were loaded into. */
#ifndef MODEL_WEBHOOK_H
#define MODEL_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#define WEBHOOK_COMPLETED "video.completed"
#define WEBHOOK_FAILED    "video.failed"

struct webhook {
	int64_t id;
	const char *url;
	bool completed, failed; /* the events that it gets */
	bool enabled;
	const char *note; /* why longreel has disabled it: gone, failing, key_revoked, key_expired; NULL = it
	                     has not */
	int64_t failing_since; /* ms since the epoch, as all times here; 0 = the last delivery was taken */
	int64_t created_at;
	const char *secret;   /* shown once, when it is made */
	int64_t old_until;    /* until then the secret before it signs, too; 0 = there is none */
	int64_t key_id;       /* the API key that wrote it last, and with which it ends; 0 = a login */
	const char *key_name; /* that key's name then; NULL = a login */
};

/* An event to be sent to an endpoint. */
struct delivery {
	int64_t id, webhook_id;
	int64_t attempt;    /* of the task, which has ended */
	const char *event;  /* "video.completed" or "video.failed" */
	int64_t created_at; /* when the task ended */
	int64_t due_at;     /* the next try, or the end of the lease; 0 = none */
	const char *owner;  /* the holder of its lease, or NULL */
	int64_t tries;
	int64_t tried_at;     /* 0 = never */
	int64_t status;       /* HTTP, of the last try; 0 = there was no answer */
	const char *error;    /* why the last try failed, in words; NULL = it did not */
	int64_t delivered_at; /* 0 = it was not */
	const char *video_id;
	const char *client_request_id; /* NULL = the task has none */
	/* for the sender */
	const char *url, *secret, *old_secret;
	int64_t old_until;
	int64_t user_id; /* of the endpoint */
};

#endif
