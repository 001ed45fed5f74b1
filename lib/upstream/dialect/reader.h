/* How a profile is read: a key is a row of a table, a value has a reader. Internal to this folder. */
#ifndef UPSTREAM_DIALECT_READER_H
#define UPSTREAM_DIALECT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "upstream/dialect/profile.h"

struct json;

enum {
	DIALECT_TEXT_MAX = 256, /* bytes of any one string in a profile */
	DIALECT_LIST_MAX = 32,  /* entries of one list or object */
	DIALECT_WHERE_SIZE = 128
};

struct dialect_reader {
	struct dialect *dialect;
	const char *label;              /* of the file, for messages */
	char where[DIALECT_WHERE_SIZE]; /* the key at hand, "submit.path" */
	char *why;
	size_t why_size;
};

struct dialect_key {
	const char *name; /* NULL ends a table */
	bool required;
	bool (*read)(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
	size_t at;                      /* offset in struct dialect of what is read */
	const struct dialect_key *keys; /* the table of an object */
};

/* Writes the sentence of the first failure; always false, so that a reader can end with it. */
bool dialect_fail(struct dialect_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the value of a key goes. */
void *dialect_slot(struct dialect_reader *r, const struct dialect_key *key);

/* A string that is safe in a header line, a path or a log: printable ASCII. NULL, with the failure written.
 */
const char *dialect_text(struct dialect_reader *r, const struct json *value, bool may_be_empty);

/* Goes to the member `name` of the object at hand; returns where to come back to. */
size_t dialect_enter(struct dialect_reader *r, const char *name);

/* Comes back. */
void dialect_leave(struct dialect_reader *r, size_t back);

/* The readers, one for each kind of value; false with the failure written. What is read lives as long as the
 * profile. An object: each member by its row, and no row that is required left out. */
bool dialect_read_members(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A string that may be empty. */
bool dialect_read_prefix(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* The name of a header. */
bool dialect_read_header(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* An object of headers: lines "Name: value". */
bool dialect_read_headers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A path without, with, and perhaps with {id}. */
bool dialect_read_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool dialect_read_id_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);
bool dialect_read_any_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* "multipart" or "json". */
bool dialect_read_body(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* "DELETE" or "POST". */
bool dialect_read_method(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A list of status codes. */
bool dialect_read_codes(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A list of JSON pointers. */
bool dialect_read_pointers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A list of words, none of which stands for anything yet. */
bool dialect_read_words(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* A field of a submission: a name, or an object that says more. */
bool dialect_read_field(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* An object of members that are always the same. */
bool
dialect_read_constants(struct dialect_reader *r, const struct json *value, const struct dialect_key *key);

/* True where `s` is a JSON pointer (RFC 6901) to something below the root. */
bool dialect_is_pointer(const char *s);

/* What no single key can say of the form that is called `name` and stands as `value`: an image needs a place,
 * no member may stand where another does. */
bool dialect_form_ok(struct dialect_reader *r, const char *name, struct dialect_form *form,
                     const struct json *value);

#endif
