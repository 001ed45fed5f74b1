/* Inputs of a call as a table, checked before a handler sees a value. The same table reads a JSON object, a
 * form or a query string; values are written into a struct of the caller's, by offset. Thread-safe. */
#ifndef WEB_FIELD_H
#define WEB_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct json;
struct request;

enum field_kind {
	FIELD_TEXT, /* const char *: UTF-8 of min to max characters, no control character but \t \n \r; NULL =
	               absent */
	FIELD_LINE, /* const char *: as FIELD_TEXT, and no tab or line break either */
	FIELD_WORD, /* const char *: one of `words`, as it stands there */
	FIELD_INT,  /* struct field_int: whole, min to max; from JSON as a number or a string of digits */
	FIELD_BOOL, /* struct field_bool: true or false; in forms and queries also 1 and 0 */
	FIELD_OBJECT, /* const struct json *: an object of at most max bytes of JSON (in a form: JSON text) */
	FIELD_LINES,  /* struct field_lines: JSON only: an array of min to max strings of 1 to LIMIT_WORD
	                 characters */
	FIELD_OWN, /* writes nothing: the caller reads it by itself; with max > 0 in a form also "NAME[…]" */
	FIELD_HARMLESS, /* no name: members that harmless_member() knows are ignored */
	FIELD_OTHERS    /* no name: all members that the table does not name are ignored */
};

struct field_int {
	bool set;
	int64_t value;
};
struct field_bool {
	bool set;
	bool value;
};
struct field_lines {
	const char **items;
	size_t count;
};

struct field {
	const char *name; /* as the client writes it */
	enum field_kind kind;
	size_t offset; /* of the member that the value is written to, by offsetof */
	bool required;
	bool never_empty;         /* "" and [] are refused where they would else ask for nothing */
	int64_t min, max;         /* by kind */
	const char *const *words; /* FIELD_WORD: NULL-terminated */
};

struct field_pair {
	const char *name, *value;
	size_t len; /* bytes of value, which also ends in a NUL */
};

/* Reads `object` by the table into the zeroed struct `ret`. A JSON null counts as absent. A member that the
 * table does not name is refused: to ignore it would answer another request. Only null, "" and [] ask for
 * nothing, and are ignored; of a creation's table (FIELD_HARMLESS) also in members that it names, unless
 * never_empty. Rows of the same offset are names of the same field: with the same value it may come by
 * several. ERR_BAD_FIELD with the field's name and a sentence. */
struct err field_read_json(const struct field *fields, size_t count, const struct json *object,
                           struct arena *arena, void *ret);

/* Reads the name=value pairs of a form likewise. An empty value counts as absent, also of an unknown name,
 * unless never_empty; a name given twice is ERR_BAD_FIELD. */
struct err field_read_pairs(const struct field *fields, size_t count, const struct field_pair *pairs,
                            size_t pair_count, struct arena *arena, void *ret);

/* Reads the request's query string (application/x-www-form-urlencoded) likewise. A parameter that neither the
 * table nor harmless_parameter() knows is refused, whatever its value. ERR_URI_TOO_LONG; ERR_BAD_REQUEST for
 * a broken percent escape, a NUL in a name, or more than LIMIT_QUERY_PAIRS pairs; ERR_BAD_FIELD. */
struct err field_read_query(const struct field *fields, size_t count, struct request *request, void *ret);

/* Checks the body of a call that takes none: refuses a JSON object with members, and a form. A body of
 * another type is ignored. */
struct err field_refuse_body(struct request *request);

/* Reads the request's body as one JSON object; a byte order mark before it is skipped. ERR_BAD_CONTENT_TYPE
 * where it is not application/json, ERR_TOO_LARGE over LIMIT_JSON_BODY, ERR_BAD_JSON,
 * ERR_BAD_CONTENT_ENCODING for a body compressed by gzip, ERR_BAD_REQUEST, ERR_NO_MEMORY. `ret_object` lives
 * as long as the request. */
struct err field_read_body(struct request *request, const struct json **ret_object);

/* Reads the same with another ceiling, in bytes. */
struct err field_read_large_body(struct request *request, size_t most, const struct json **ret_object);

/* Reads the members of the body, an object of at most `most` bytes: field_read_large_body() with
 * field_read_json(). */
struct err field_read_json_body(const struct field *fields, size_t count, struct request *request,
                                size_t most, void *ret);

/* ---- the steps of the above, which field_value.c does for field.c ---- */

/* A value on its way to the caller's struct, by the kind of its row. Zero it first. */
union field_slot {
	const char *text;
	const struct json *object;
	struct field_int number;
	struct field_bool flag;
	struct field_lines lines;
};

/* Reads a JSON value, which is not null. ERR_BAD_FIELD, ERR_NO_MEMORY. */
struct err field_value_json(const struct field *field, const struct json *value, struct arena *arena,
                            union field_slot *ret);

/* Reads the value of a pair, which is not empty. ERR_BAD_FIELD, ERR_NO_MEMORY. */
struct err field_value_pair(const struct field *field, const struct field_pair *pair, struct arena *arena,
                            union field_slot *ret);

/* Puts the value of row `i` into the struct `ret`. ERR_BAD_FIELD where another row of the same offset has put
 * another value there. */
struct err field_value_put(const struct field *fields, size_t i, const union field_slot *value, void *ret);

#endif
