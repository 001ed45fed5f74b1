/* What an upstream said, without its dialect. Plain data; strings live in the arena that the answer was read
 * into. */
#ifndef MODEL_ANSWER_H
#define MODEL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/task.h"

/* What the answer to a submission means. Every reaction of the network is exactly one of these. */
enum submit_verdict {
	SUBMIT_ACCEPTED,   /* an accepted code, a well-formed body, an id in it */
	SUBMIT_REFUSED,    /* another 4xx (or 3xx), or a success that says so: surely not accepted, and never
	                      will be */
	SUBMIT_NO_ACCOUNT, /* surely not accepted: the operator's key or balance; not the task's fault */
	SUBMIT_NOT_ACCEPTED, /* cannot connect, DNS, TLS, 429, 503: surely not accepted; perhaps later */
	SUBMIT_UNKNOWN       /* anything else: it may have been accepted or not */
};

struct submit_answer {
	enum submit_verdict verdict;
	const char *external_id; /* with SUBMIT_ACCEPTED, as the next two */
	struct job_facts facts;
	const char *job; /* what later calls need, a JSON object; NULL = nothing */
	const char
	    *message;     /* the upstream's or the network's words, short and without secrets; NULL = none */
	const char *code; /* the upstream's word for the error; NULL = it gave none */
	int status;       /* of the answer; 0 = there was none */
	int64_t
	    retry_after_ms; /* with a verdict but SUBMIT_ACCEPTED and SUBMIT_REFUSED; 0 = it did not say */
	bool no_model;      /* with SUBMIT_REFUSED: the upstream does not have the model */
	bool doubtful;      /* with SUBMIT_REFUSED: a 403, which may be the key's after all */
	bool ours;          /* nothing was sent, for a reason that is not the upstream's */
	bool input_lost;    /* with SUBMIT_REFUSED and ours: the reference image is gone */
	bool fault;         /* it is the channel's: no answer, a 5xx, 429 */
	bool lost;          /* with fault: no answer, or a gateway's word for that */
};

/* What the answer to a poll means. Only POLL_NEWS can end a task. */
enum poll_verdict {
	POLL_NEWS,      /* a well-formed answer with a status word */
	POLL_MISSING,   /* 404 or 410, or a word for: there is no such job */
	POLL_THROTTLED, /* 429 or 503: the channel asks for a cooldown */
	POLL_FAILED     /* no answer, or one that means nothing */
};

enum poll_status {
	POLL_QUEUED,
	POLL_RUNNING,
	POLL_COMPLETED,
	POLL_ERROR,
	POLL_CANCELLED,
	POLL_LOST,
	POLL_UNKNOWN_WORD,
	POLL_NO_VIDEO /* the word for completed, but there is no usable link and no path to the video */
};

struct poll_answer {
	enum poll_verdict verdict;
	enum poll_status status; /* with POLL_NEWS, as the next seven */
	const char *word;        /* the upstream's status word; NULL = it said it without one */
	int progress;            /* 0 to 100; -1 = it did not say */
	bool asks_on;            /* it is done, and another call tells where the video is, by … */
	const char *result_id;   /* … this, or NULL */
	const char *video_url;   /* NULL = it did not say; always http(s) */
	const char *image_url;
	struct job_facts facts;
	const char *cost; /* in the provider's unit, a number or a string as JSON; NULL = it did not say */
	const char *error_code;
	const char *error_message;
	int64_t retry_after_ms; /* with POLL_THROTTLED; 0 = it did not say */
	int64_t interval_min;   /* ms until the upstream may be asked about the job again */
	const char *why;        /* with POLL_FAILED, and for a job that the operator's account made fail: one
	                           phrase for the log */
	bool fault;             /* it is the channel's: no answer, a 5xx, 429 */
	bool lost;              /* with fault: no answer, or a gateway's word for that */
};

/* A job in the upstream's list. */
struct listed_job {
	const char *external_id;
	const char *prompt;
	const char
	    *source_external_id; /* of the video that it is made from; NULL = none, or it did not say */
	int64_t created_at;      /* ms since the epoch */
};

struct models_answer {
	const char *why;          /* as in struct list_answer */
	const char *const *names; /* as the upstream calls them */
	size_t count;
};

struct list_answer {
	const char *why; /* why there is no list: one phrase for the log, without secrets; NULL = there is */
	struct listed_job *jobs; /* those with all that is needed to recognise one */
	size_t count;
};

#endif
