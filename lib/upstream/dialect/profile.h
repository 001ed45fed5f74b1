/* What is in a profile, for the files that speak it. Internal to this folder: whoever else needs something
 * of a profile gets a function in dialect.h. */
#ifndef UPSTREAM_DIALECT_PROFILE_H
#define UPSTREAM_DIALECT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/answer.h"
#include "model/job_kind.h"

struct arena;

/* What a submission may carry, in the order in which it is sent. */
enum field {
	FIELD_PROMPT,
	FIELD_MODEL,
	FIELD_SIZE,
	FIELD_RESOLUTION, /* of the size: "720p" */
	FIELD_SECONDS,
	FIELD_ASPECT_RATIO,
	FIELD_WATERMARK,
	FIELD_HD,
	FIELD_PRIVATE,
	FIELD_SOURCE, /* the upstream's id of the video that this is made from */
	FIELD_INPUT_REFERENCE,
	FIELD__MAX
};

/* What an answer may tell. */
enum fact {
	FACT_ID,
	FACT_STATUS,
	FACT_PROGRESS,
	FACT_VIDEO_URL,
	FACT_IMAGE_URL,
	FACT_ERROR_CODE,
	FACT_ERROR_MESSAGE,
	FACT__MAX
};

enum { WORDS__MAX = POLL_UNKNOWN_WORD }; /* a list of words for each status but the unknown one */

/* How a value is written. */
enum field_type {
	TYPE_PLAIN,     /* as the task has it; an image as a file part */
	TYPE_INTEGER,   /* seconds: in a JSON body, a number and not a string */
	TYPE_STAR,      /* a size: "1280*720" */
	TYPE_UPPER,     /* a resolution: "720P" */
	TYPE_FROM_SIZE, /* an aspect ratio: where the task has none, that of its size */
	TYPE_DATA_URL,  /* an image in JSON: "data:image/png;base64,…" */
	TYPE_BASE64     /* an image in JSON, bare */
};

/* With which tasks a field goes. */
enum field_when { WHEN_ALWAYS, WHEN_IMAGE, WHEN_NO_IMAGE };

/* A member that is always the same. */
struct dialect_constant {
	const char *name; /* as of a field; NULL ends a list */
	const char *json; /* its value as JSON */
	const char *text; /* its value in a form; NULL = it has none there */
};

struct dialect_field {
	const char *name; /* of a member or part; in JSON a pointer, too; NULL = this upstream has no such
	                     field */
	enum field_type type;
	enum field_when when;
	const struct dialect_constant *with; /* what goes with it; NULL = nothing */
};

struct dialect_call {
	const char *path;   /* "{id}" stands for the task's id; NULL = there is no such call */
	bool accepted[100]; /* by status code less 200 */
};

/* How the body of a submission is written. */
enum dialect_body { BODY_MULTIPART, BODY_JSON };

/* A call that makes a job. */
struct dialect_form {
	struct dialect_call call;
	enum dialect_body body;
	enum dialect_body body_with_image;
	struct dialect_field fields[FIELD__MAX];
	const struct dialect_constant *constants; /* NULL = none */
	const char *const *headers;               /* lines; NULL-terminated, or NULL */
};

/* The upstream's list of its jobs, newest first. Pointers are into the answer (items), or into one item of
 * it.
 */
struct dialect_list {
	struct dialect_call call;
	const char *const *items; /* as facts */
	const char *const *prompt;
	const char *const *created_at; /* s since the epoch */
	const char *const *source;     /* the id of what it is a remix of; NULL = it is not told */
};

struct dialect {
	struct arena *arena; /* holds all that follows */
	const char *name;
	const char *auth_header;
	const char *auth_prefix;
	const char *const *headers;                  /* lines for every call; NULL-terminated, or NULL */
	struct dialect_form forms[DIALECT_JOB__MAX]; /* {id} is the source's; accepted are the codes of the
	                                                first */
	struct dialect_call poll;
	struct dialect_call content;
	const char *thumbnail; /* paths of what there is beside the video; "{id}" as ever; NULL = there is no
	                          such thing */
	const char *spritesheet;
	struct dialect_call cancel;
	struct dialect_call check; /* costs nothing, and asks for the key */
	const char *cancel_method;
	struct dialect_list list;
	const char *idempotency_header;       /* NULL = submissions of the same key are two jobs here */
	const char *const *facts[FACT__MAX];  /* JSON pointers, first hit wins; NULL-terminated, or NULL */
	const char *const *words[WORDS__MAX]; /* by enum poll_status; as facts */
};

/* True where `status` is a code that the profile takes as a success of `call`. */
bool dialect_accepts(const struct dialect_call *call, int status);

/* The status that a word stands for, in any case of its letters; POLL_UNKNOWN_WORD where it is in no list. */
enum poll_status dialect_status(const struct dialect *dialect, const char *word);

#endif
