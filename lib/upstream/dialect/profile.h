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
	JOB_WIDTH, /* of the size */
	JOB_HEIGHT,
	JOB_RESOLUTION, /* of the size: "720p" */
	JOB_SECONDS,
	JOB_ASPECT_RATIO,
	JOB_WATERMARK,
	JOB_HD,
	JOB_PRIVATE,
	JOB_SEED,
	JOB_NEGATIVE_PROMPT,
	JOB_AUDIO,
	JOB_SOURCE,          /* the video that this one is made from */
	JOB_INPUT_REFERENCE, /* the first image */
	JOB_LAST_FRAME,
	JOB_REFERENCES, /* the images that are neither of these; each stands where "-" is in the name */
	JOB_EXTRA,      /* an object of the client's: its members go into the object of that name */
	JOB_FIELD__MAX
};

/* The facts that an answer may hold. */
enum fact {
	FACT_ID,
	FACT_STATUS,
	FACT_PROGRESS,
	FACT_RESULT_ID, /* what the call result asks by */
	FACT_VIDEO_URL,
	FACT_VIDEO_BASE64,
	FACT_IMAGE_URL,
	FACT_MODEL,
	FACT_SIZE,
	FACT_SECONDS,
	FACT_EXPIRES_AT,
	FACT_ERROR_CODE,
	FACT_ERROR_MESSAGE,
	FACT_COST,
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
	TYPE_INTEGER,   /* in a JSON body, a number and not a string */
	TYPE_STRING,    /* … a string and not a number */
	TYPE_FLOAT,     /* seconds: 8.0 */
	TYPE_SUFFIX,    /* seconds: "8s" */
	TYPE_STAR,      /* a size: "1280*720" */
	TYPE_COLON,     /* a size: "1280:720" */
	TYPE_UPPER,     /* a resolution: "720P" */
	TYPE_FROM_SIZE, /* an aspect ratio: where the task has none, that of its size */
	TYPE_QUOTIENT,  /* … and as a number: 1.77778 */
	TYPE_DATA_URL,  /* an image in JSON: "data:image/png;base64,…" */
	TYPE_BASE64,    /* an image in JSON, bare */
	TYPE_URL,       /* an image or a source, as a link */
	TYPE_UPLOAD     /* an image, as the upstream's id of what was uploaded before */
};

/* What a task is made from, as bits; the fourth is there where one of the others is. */
enum { INPUT_FIRST = 1, INPUT_LAST = 2, INPUT_REFERENCES = 4, INPUT_IMAGE = 8 };

/* Which tasks something is sent with: those that have all of `must`, and none of `never`. */
struct dialect_when {
	unsigned must, never;
};

/* A member that is always the same. */
struct dialect_constant {
	const char *name; /* as that of a field; NULL ends a list */
	const char *json; /* its value as JSON */
	const char *text; /* its value in a form; NULL = it has none there */
};

/* Constants that go with some tasks. */
struct dialect_constants {
	struct dialect_when when;
	const struct dialect_constant *list; /* NULL ends a list of these */
};

/* A value that a field may have. */
struct dialect_value {
	const char *ours; /* as clients say; NULL ends a list */
	const char *json; /* as the upstream says; NULL = as the field's type says */
	const char *text; /* the same in a form */
	int64_t step;     /* of a resolution: the lines that it is for */
};

struct dialect_field {
	const char
	    *name; /* of a member or a part; in JSON it may be a pointer; NULL = there is no such field */
	enum field_type type;
	struct dialect_when when;
	const struct dialect_constant *with;   /* constants that are sent with it; NULL = none */
	const struct dialect_value *values;    /* all that it may have; NULL = any */
	bool steps;                            /* … the least that is large enough counts */
	const struct dialect_value *otherwise; /* what is sent where the task has none; NULL = nothing */
	const struct dialect_field
	    *next; /* for other tasks; the first whose `when` fits counts; NULL = none */
};

struct dialect_call {
	const char *path;   /* "{id}" stands for the task's id; NULL = there is no such call */
	bool accepted[100]; /* by status code less 200 */
};

/* The paths in place of a call's own for what is made from images: the last of these that is there and meets.
 */
struct dialect_paths {
	const char *with_image; /* any image; NULL = no other, as the next */
	const char *with_last;
	const char *with_references;
};

/* A question about a job. */
struct dialect_ask {
	struct dialect_call call;
	struct dialect_paths paths;
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
	struct dialect_paths paths;
	enum dialect_body body;
	enum dialect_body body_with_image;
	struct dialect_field fields[JOB_FIELD__MAX];
	const struct dialect_constants *constants; /* NULL = none */
	const char *const *headers;                /* lines; NULL-terminated, or NULL */
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

/* The upstream's list of its models. */
struct dialect_models {
	struct dialect_call call;
	const char *const *items; /* pointers into the answer, as facts */
	const char *const *name;  /* … into an item */
	const char *prefix;       /* what stands before a name; NULL = nothing */
};

/* How the answer to a submission says that it is refused: see submit.refused in conf/dialects/README.md.
 * Lists are NULL-terminated, or NULL. */
struct dialect_refused {
	const char *const *at;     /* JSON pointers */
	const char *const *unless; /* values there that mean no refusal */
	const char *const *later;  /* codes and phrases: the same task may be taken in a while */
	const char *const *key;    /* codes and phrases: the operator's key or balance */
};

/* How the key is shown. */
enum auth_type {
	AUTH_HEADER, /* as it is, in a header */
	AUTH_JWT,    /* the header has a token that is signed with it (RFC 7519, HS256) */
	AUTH_SIGV4   /* each request is signed with it, as Amazon does */
};

/* How an image is uploaded before a submission. */
struct dialect_upload {
	struct dialect_call call;
	const char *file;                          /* the name of its part */
	const struct dialect_constants *constants; /* other parts; NULL = none */
	const char *const *headers;                /* lines; NULL-terminated, or NULL */
	const char *const *id;                     /* pointers to its id in the answer */
};

struct dialect {
	struct arena *arena; /* holds all that follows */
	const char *name;
	const char *base; /* where the upstream usually is; NULL = each operator has another address */
	enum auth_type auth_type;
	const char *auth_service; /* of AUTH_SIGV4: the name that requests are signed for, as the next … */
	const char *auth_region;  /* … NULL = the second word of the host's name */
	const char *auth_header;
	const char *auth_prefix;
	const char *const *headers;                  /* lines for every call; NULL-terminated, or NULL */
	struct dialect_form forms[DIALECT_JOB__MAX]; /* {id} is the source's; the codes that the first accepts
	                                                hold for all */
	struct dialect_refused refused;
	struct dialect_upload upload;    /* without a path there is none */
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
	struct dialect_models models;   /* without a path there is no such call */
	const char *idempotency_header; /* NULL = a repeated submission is another job */
	const char *const
	    *webhook_id; /* where in a webhook the job's id stands, as facts; NULL = as in an answer */
	const char *const *facts[FACT__MAX]; /* JSON pointers, first hit wins; NULL-terminated, or NULL */
	const char *const *extra_priced;     /* members that `extra` may not have with billing; as words */
	int64_t cost_unit; /* what one of the answer's cost is worth, in micro-units; 0 = it is not told */
	const struct dialect_sign *failed, *completed; /* or NULL */
	const char *const *words[WORDS__MAX];          /* by enum poll_status; as facts */
	const struct dialect_offer *offers;
	size_t offer_count;
};

/* True for a task that has the inputs `have`, bits as above. */
bool dialect_when_fits(struct dialect_when when, unsigned have);

/* Returns the field as it is for a task that has the inputs `have`; NULL where it has none. */
const struct dialect_field *dialect_field_for(const struct dialect_field *field, unsigned have);

/* True where both members, names of fields or constants, can stand in one body: neither is the other or
 * contains it, and where their paths part, both are elements of an array or both are members of an object. */
bool dialect_names_fit(const char *a, const char *b);

/* Returns the path of a call for what is made from the images `have` (INPUT_FIRST …). */
const char *dialect_path(const struct dialect_call *call, const struct dialect_paths *paths, unsigned have);

/* True where the profile counts the status code as a success of `call`. */
bool dialect_accepts(const struct dialect_call *call, int status);

/* Returns the status that a word means, in any case of its letters; POLL_UNKNOWN_WORD where no list has it.
 */
enum poll_status dialect_status(const struct dialect *dialect, const char *word);

#endif
