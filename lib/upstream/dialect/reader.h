/* Reads a profile: each key is a row of a table (read.c), which names the function that reads its value
 * (read_value.c, read_field.c). Internal to this folder; a reader belongs to one thread at a time. */
#ifndef UPSTREAM_DIALECT_READER_H
#define UPSTREAM_DIALECT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "upstream/dialect/profile.h"

struct json;

enum {
	DIALECT_TEXT_MAX = 256,  /* bytes of any one string in a profile */
	DIALECT_LIST_MAX = 32,   /* entries of one list or object */
	DIALECT_WHERE_SIZE = 128 /* bytes of a key's path, NUL included */
};

struct dialect_reader {
	struct dialect *dialect;
	const char *label; /* the file's name in messages */
	const char *text;  /* the JSON, for their lines; NULL = there is none yet */
	size_t text_len;
	char where[DIALECT_WHERE_SIZE]; /* the key that is being read, "submit.path" */
	char *why;                      /* where the sentence of a failure goes */
	size_t why_size;
};

struct dialect_key {
	const char *name; /* NULL ends a table */
	bool required;
	bool (*read)(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
	size_t at;                      /* offset of the value in struct dialect */
	const struct dialect_key *keys; /* of an object: the table of its members */
};

/* Returns the keys of a profile: an object, whose members are its rows. Lives for ever. */
const struct dialect_key *dialect_keys(void);

/* Returns the key of a field, "prompt". Lives for ever. */
const char *dialect_field_key(enum job_field field);

/* Writes the sentence of a failure. Always returns false, so that a reader can end with it. */
bool dialect_fail(struct dialect_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes what is no JSON, and in which line. Always returns false. */
bool dialect_not_json(struct dialect_reader *r, const char *json, size_t len);

/* Makes the sentence fit for a terminal and for JSON: what it quotes is the file's, and may be cut. */
void dialect_clean(struct dialect_reader *r);

/* Returns where the value of a key goes. */
void *dialect_slot(struct dialect_reader *r, const struct dialect_key *key);

/* Reads a string that is safe in a header line, a path or a log: printable ASCII. NULL with the failure
 * written. */
const char *dialect_text(struct dialect_reader *r, const struct json *value, bool may_be_empty);

/* Appends `name` to the path of the current key. Returns what dialect_leave() needs. */
size_t dialect_enter(struct dialect_reader *r, const char *name);

/* Cuts the path of the current key back. */
void dialect_leave(struct dialect_reader *r, size_t back);

/* The readers, one for each kind of value: each writes the value into the profile's arena, or returns false
 * with the failure written. This one reads an object: each member by its row, and all required ones must be
 * there. */
bool dialect_read_members(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a string that may be empty. */
bool dialect_read_prefix(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads the name of a header. */
bool dialect_read_header(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads an object of headers as lines "Name: value": of any call, and of one that makes a job. */
bool dialect_read_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool
dialect_read_job_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a path: without a placeholder; for a call that may name the model; for one about a job, with its id;
 * and for one that may have either. See fill.h. */
bool dialect_read_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool
dialect_read_model_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool dialect_read_id_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool dialect_read_any_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a path that may hold {id}, {result_id} and {model}. */
bool
dialect_read_result_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* True where the value of a header has no brace but those of {uuid} and, where `model` is set, {model}, each
 * once. */
bool dialect_header_fits(const char *value, bool model);

/* Reads "multipart" or "json". */
bool dialect_read_body(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads "DELETE", "POST" or "PUT". */
bool dialect_read_method(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads "GET" or "POST". */
bool
dialect_read_ask_method(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads an object whose strings may hold placeholders. */
bool dialect_read_ask_body(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads what a unit of the provider's is worth, in micro-units. */
bool dialect_read_worth(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a number of seconds, kept in ms. */
bool dialect_read_seconds(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of status codes, 200 to 499, that may be given a meaning: 401, 402 and 429 have theirs. */
bool
dialect_read_verdict_codes(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of pointers, and of objects {"at": pointer, "is": values, "code": word}. */
bool dialect_read_signs(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Checks what the questions and the answers need together: an id where a question is asked, and a way to tell
 * that a job has been completed, and that it has failed. */
bool dialect_answer_ok(struct dialect_reader *r);

/* Reads a list of status codes. */
bool dialect_read_codes(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of JSON pointers. */
bool dialect_read_pointers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of values that an answer may have: strings in any script, whole numbers and booleans. */
bool dialect_read_values(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of names of members. */
bool dialect_read_names(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a list of status words, none of which another list has. */
bool dialect_read_words(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a field of a submission: a name, an object with a name, a type, a condition, constants and values, or
 * a list of such objects. */
bool dialect_read_field(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads how the key is shown: "header", "jwt_hs256" or "aws_sigv4". */
bool
dialect_read_auth_type(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads the address of the upstream: const char *. */
bool dialect_read_base(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a word of small letters, digits and "-". */
bool dialect_read_word(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads the name of a part of a multipart body. */
bool dialect_read_part(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Checks what the keys of auth need of each other. */
bool dialect_auth_ok(struct dialect_reader *r);

/* Reads the list of what the upstream's models can make. */
bool dialect_read_offers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads a condition: a word, or a list of words that must all hold. */
bool dialect_read_when(struct dialect_reader *r, const struct json *value, struct dialect_when *ret_when);

/* Reads an object of constants, or a list of such objects with conditions. */
bool
dialect_read_constants(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* Reads such a list; NULL with the failure written. */
const char *const *dialect_values(struct dialect_reader *r, const struct json *value);

/* True where `s` is a JSON pointer (RFC 6901) to something below the root. */
bool dialect_is_pointer(const char *s);

/* Checks what depends on several keys of a form, whose key is `name` and whose JSON is `value`: each image
 * and a source must have one place, and no two members the same. */
bool dialect_form_ok(struct dialect_reader *r, const char *name, struct dialect_form *form,
                     const struct json *value);

#endif
