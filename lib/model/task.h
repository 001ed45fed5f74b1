/* A task. Plain data; strings live as long as the arena it was loaded into. */
#ifndef MODEL_TASK_H
#define MODEL_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "model/charge.h"

/* The due_at of a task that its upstream has news of: it is looked at at once. Each webhook makes it one more
 * than it is, up to the last: so a look can tell at its end that there was one since it began. */
enum { TASK_LOOK_NOW = 1, TASK_LOOK_NOW_LAST = 100 };

/* What a client sees; the API fixes the words. */
enum task_status {
	TASK_QUEUED,
	TASK_PROCESSING,
	TASK_COMPLETED,
	TASK_FAILED,
	TASK_CANCELLED,
	TASK_STATUS__MAX
};

/* What longreel knows; the rows of state.def. */
enum task_state {
#define STATE(name, word, status, terminal) TASK_STATE_##name,
#include "model/state.def"
#undef STATE
	TASK_STATE__MAX
};

/* What an upstream says of the job that it makes; strings live as long as what holds it. */
struct job_facts {
	const char *model;  /* as the upstream calls it; NULL = it did not say, as the next one */
	const char *size;   /* "1280x720" */
	int64_t seconds;    /* 0 = it did not say */
	int64_t expires_at; /* when its file goes, ms since the epoch; 0 = it did not say */
	int64_t cost;       /* what it takes for it, in micro-units, and one more; 0 = it did not say */
};

struct task {
	int64_t id; /* the row's; never leaves the server */
	int64_t user_id;
	const char *video_id;                  /* ours */
	const char *external_id;               /* the upstream's; NULL until it is known */
	const char *client_request_id;         /* the client's; NULL where it sent none */
	uint8_t fingerprint[CRYPTO_HASH_SIZE]; /* of the request's content, to tell a repetition from a reuse
	                                          of its id */
	const char *channel;                   /* the channel that makes it */
	const char *key_id;                    /* which of its keys; NULL = any */
	enum task_state state;
	int progress; /* 0 to 100; never goes back */
	const char *prompt;
	const char *model;        /* NULL = the upstream's own choice */
	const char *size;         /* "1280x720"; NULL = the upstream's own choice */
	int64_t seconds;          /* 0 = the upstream's own choice */
	const char *aspect_ratio; /* "16:9" or NULL */
	const char *media_type;   /* "VIDEO" */
	const char *options;      /* JSON object: watermark, hd, private, as far as given; "{}" */
	const char *input_file;   /* name of the reference image in DATA/uploads, or NULL */
	const char *input_type;   /* its media type, or NULL */
	const char *images;       /* JSON list of those beside it: [{"role":"last","file":NAME,"type":
	                             "image/png"},…], files as above; NULL = none */
	const char *job;          /* JSON object: what later calls about the job need; NULL = nothing */
	struct job_facts facts;   /* of the attempt; model, size and seconds above are what was asked for */
	const char *video_url;    /* where the upstream keeps it; NULL until it says so */
	const char *image_url;
	const char *error_code;    /* NULL unless FAILED */
	const char *error_message; /* the upstream's words, or NULL */
	const char *cancelled_by;  /* "user", "operator" or "upstream"; NULL unless CANCELLED, and where an
	                              earlier version did not note it */
	int upstream_status;  /* of the answer that refused it, in the process that has read that; 0 elsewhere
	                       */
	bool account_waits;   /* it waits until the operator has seen to its channel's account, as far as the
	                         process knows that has created or sent it */
	const char *metadata; /* JSON object: the client's members and ours; "{}" */
	int64_t parent_id;    /* the row of the task that this is a remix of; 0 = of none */
	int64_t root_id;      /* the row of the first ancestor; 0 = this task itself */
	const char *source_external_id; /* the upstream's id of what this is a remix of, or NULL */
	bool sent_with_key;     /* the attempt is sent with a key by which the upstream knows a repetition */
	int64_t client_retries; /* how often its client has repeated the request by itself */
	int64_t api_key;        /* our API key that the attempt is made with; 0 = a login */
	bool deleted;           /* hidden; the row stays for the feed and for its remixes */
	int64_t attempt;        /* 1, and one more for each retry */
	int64_t created_at;     /* ms since the epoch, as all times here */
	int64_t updated_at;
	int64_t accepted_at;  /* when the upstream took the attempt; 0 = it has not, or it was not noted */
	int64_t completed_at; /* when it ended, however it ended; 0 = it has not */
	int64_t deadline_at;  /* after this it fails with timeout */
	int64_t rev;          /* the revision of its last visible change */
	struct charge_shown charge; /* of its attempt */
	/* for the processes that drive it */
	int64_t due_at;          /* when it is to be looked at, or its lease ends; 0 = never */
	const char *owner;       /* the holder of its lease, or NULL */
	int64_t tries;           /* looks at the upstream so far, and failed submissions before that */
	int64_t not_found_count; /* answers 404 in a row */
	const char *turned_away; /* the channels that could not make this attempt for a reason of their own
	                            (turned_away.h), or NULL */
};

struct arena;

/* True where a due_at means that the task is to be looked at at once. */
static inline bool
task_looks_now(int64_t due_at)
{
	return due_at >= TASK_LOOK_NOW && due_at <= TASK_LOOK_NOW_LAST;
}

/* True where anything is said. */
bool job_facts_any(const struct job_facts *facts);

/* Copies a task with all its strings into `arena`. False when memory is short. */
bool task_copy(struct arena *arena, const struct task *task, struct task *ret_task);

/* What to show of a task: what the upstream says that it makes, else what was asked for. */
const char *task_shown_model(const struct task *task);
const char *task_shown_size(const struct task *task);
int64_t task_shown_seconds(const struct task *task);

/* The word of a status, "QUEUED". */
const char *task_status_word(enum task_status status);

/* The status of a word, case as it stands; TASK_STATUS__MAX where there is none. */
enum task_status task_status_of(const char *word);

/* The word of a state in the database, "ready". */
const char *task_state_word(enum task_state state);

/* The state of a word in the database; TASK_STATE__MAX where there is none. */
enum task_state task_state_of(const char *word);

/* What a client sees of a state. */
enum task_status task_state_status(enum task_state state);

/* True where the state is final. */
bool task_state_terminal(enum task_state state);

#endif
