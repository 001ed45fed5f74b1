/* The contents of a profile. Internal to this folder; other folders ask by the functions of dialect.h. */
#ifndef UPSTREAM_DIALECT_PROFILE_H
#define UPSTREAM_DIALECT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/answer.h"
#include "model/job_kind.h"

struct arena;

enum { DIALECT_DEPTH_MAX = 8 /* steps of a pointer into a body */ };

/* The fields of a submission, in the order in which they are sent. */
enum job_field {
	JOB_PROMPT,
	JOB_MODEL,
	JOB_SIZE,
	JOB_RESOLUTION, /* of the size: "720p" */
	JOB_SECONDS,
	JOB_ASPECT_RATIO,
	JOB_WATERMARK,
	JOB_HD,
	JOB_PRIVATE,
	JOB_SOURCE, /* the upstream's id of the video that this one is made from */
	JOB_INPUT_REFERENCE,
	JOB_FIELD__MAX
};

/* The facts that an answer may hold. */
enum fact {
	FACT_ID,
	FACT_STATUS,
	FACT_PROGRESS,
	FACT_RESULT_ID, /* what the call result asks by */
	FACT_VIDEO_URL,
	FACT_IMAGE_URL,
	FACT_MODEL,
	FACT_SIZE,
	FACT_SECONDS,
	FACT_EXPIRES_AT,
	FACT_ERROR_CODE,
	FACT_ERROR_MESSAGE,
	FACT__MAX
};

/* What says by its being there, or by its value, how a job has ended. */
struct dialect_sign {
	const char *at;        /* a JSON pointer; NULL ends a list */
	const char *const *is; /* its values; NULL = anything but null, false, 0, "", [] and {} */
	const char *code;      /* of the error that it means; NULL = what the answer says */
};

enum { WORDS__MAX = POLL_UNKNOWN_WORD }; /* a list of words for each status but the unknown one */

/* How a field's value is written. */
enum field_type {
	TYPE_PLAIN,     /* as the task has it; an image as a file part */
	TYPE_INTEGER,   /* seconds: in a JSON body, a number and not a string */
	TYPE_STAR,      /* a size: "1280*720" */
	TYPE_UPPER,     /* a resolution: "720P" */
	TYPE_FROM_SIZE, /* an aspect ratio: where the task has none, that of its size */
	TYPE_DATA_URL,  /* an image in JSON: "data:image/png;base64,…" */
	TYPE_BASE64     /* an image in JSON, bare */
};

/* Which tasks a field is sent with. */
enum field_when { WHEN_ALWAYS, WHEN_IMAGE, WHEN_NO_IMAGE };

/* A member that is always the same. */
struct dialect_constant {
	const char *name; /* as that of a field; NULL ends a list */
	const char *json; /* its value as JSON */
	const char *text; /* its value in a form; NULL = it has none there */
};

struct dialect_field {
	const char
	    *name; /* of a member or a part; in JSON it may be a pointer; NULL = there is no such field */
	enum field_type type;
	enum field_when when;
	const struct dialect_constant *with; /* constants that are sent with it; NULL = none */
};

struct dialect_call {
	const char *path;   /* "{id}" stands for the task's id; NULL = there is no such call */
	bool accepted[100]; /* by status code less 200 */
};

/* A question about a job. */
struct dialect_ask {
	struct dialect_call call;
	const char *path_with_image;   /* for a job that was sent with an image; NULL = as any other */
	const char *method;            /* NULL = "GET" */
	const char *body;              /* JSON with placeholders; NULL = none */
	const char *const *url;        /* where in the answer to the submission a link stands that is used in
	                                  place of the path; as facts */
	const short *pending, *failed; /* status codes for: under way, ended without a video; a 0 ends each,
	                                  NULL = none */
};

/* How the body of a submission is written. */
enum dialect_body { BODY_MULTIPART, BODY_JSON };

/* A call that makes a job. */
struct dialect_form {
	struct dialect_call call;
	enum dialect_body body;
	enum dialect_body body_with_image;
	struct dialect_field fields[JOB_FIELD__MAX];
	const struct dialect_constant *constants; /* NULL = none */
	const char *const *headers;               /* lines; NULL-terminated, or NULL */
};

/* The upstream's list of its jobs, newest first. `items` are pointers into the answer, the others into an
 * item.
 */
struct dialect_list {
	struct dialect_call call;
	const char *const *items; /* as facts */
	const char *const *prompt;
	const char *const *created_at; /* see fact_time() */
	const char *const *source;     /* the id of what it is a remix of; NULL = it is not told */
};

/* How the answer to a submission says that it is refused: see submit.refused in conf/dialects/README.md.
 * Lists are NULL-terminated, or NULL. */
struct dialect_refused {
	const char *const *at;     /* JSON pointers */
	const char *const *unless; /* values there that mean no refusal */
	const char *const *later;  /* codes and phrases: the same task may be taken in a while */
	const char *const *key;    /* codes and phrases: the operator's key or balance */
};

struct dialect {
	struct arena *arena; /* holds all that follows */
	const char *name;
	const char *auth_header;
	const char *auth_prefix;
	const char *const *headers;                  /* lines for every call; NULL-terminated, or NULL */
	struct dialect_form forms[DIALECT_JOB__MAX]; /* {id} is the source's; the codes that the first accepts
	                                                hold for all */
	struct dialect_refused refused;
	const char *const *auth_refused; /* codes and phrases for a key that is refused; as facts */
	struct dialect_ask poll;
	int64_t poll_interval_min; /* ms */
	struct dialect_ask result; /* asks for the video of a job that is done; without a path and a link
	                              there is no such call */
	struct dialect_call content;
	const char *thumbnail;   /* path of a picture, with "{id}"; NULL = there is none */
	const char *spritesheet; /* likewise */
	struct dialect_ask cancel;
	struct dialect_call check; /* costs nothing, and needs the key */
	struct dialect_list list;
	const char *idempotency_header;      /* NULL = a repeated submission is another job */
	const char *const *facts[FACT__MAX]; /* JSON pointers, first hit wins; NULL-terminated, or NULL */
	const struct dialect_sign *failed, *completed; /* or NULL */
	const char *const *words[WORDS__MAX];          /* by enum poll_status; as facts */
	const struct dialect_offer *offers;
	size_t offer_count;
};

/* True where the profile counts the status code as a success of `call`. */
bool dialect_accepts(const struct dialect_call *call, int status);

/* Returns the status that a word means, in any case of its letters; POLL_UNKNOWN_WORD where no list has it.
 */
enum poll_status dialect_status(const struct dialect *dialect, const char *word);

#endif
