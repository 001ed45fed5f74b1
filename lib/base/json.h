/* JSON. Reading makes a tree (cJSON's) that belongs to an arena; writing appends to a buf in one pass,
 * without a tree, so that an answer costs no allocation of its own. A tree may be read by several threads. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;
struct json; /* a value in a parsed tree */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Parses exactly one JSON text (RFC 8259). The tree lives until `arena` is reset.
 * ERR_BAD_JSON for anything malformed, bytes after the text, invalid UTF-8, a NUL (raw or as \u0000), a lone
 * surrogate, nesting deeper than LIMIT_JSON_DEPTH, more than LIMIT_JSON_VALUES values, a member name that
 * occurs twice in one object, and a number beyond the range of a double; ERR_NO_MEMORY. */
enum err_code json_parse(struct arena *arena, const char *bytes, size_t len, const struct json **ret_root);

/* Replaces, in place, what the strings in the bytes may not have by what they may: \u0000 and lone surrogates
 * by \ufffd, bytes that are no UTF-8 by ?, raw control characters by blanks. True where it replaced any. */
bool json_mend(char *bytes, size_t len);

/* Parses the same, but a whole number of 16 digits or more becomes a string of its digits: a double would
 * round it, and an id must not lose a digit. */
enum err_code
json_parse_bigint(struct arena *arena, const char *bytes, size_t len, const struct json **ret_root);

/* Returns the offset of the first byte that does not fit into a JSON text; `len` where all do, though the
 * text may be refused for its members or its UTF-8 all the same. For `len` of 0 it is 0. */
size_t json_fault(const char *bytes, size_t len);

/* Returns the type of a value; JSON_NULL for a NULL pointer. */
enum json_type json_type(const struct json *value);

/* Returns the member `name` of an object (case matters), or NULL, also where `object` is no object. */
const struct json *json_get(const struct json *object, const char *name);

/* Returns the value at a JSON pointer (RFC 6901) such as "/data/0/url", or NULL. */
const struct json *json_pointer(const struct json *root, const char *pointer);

/* Returns the first member or element, or NULL. */
const struct json *json_first(const struct json *container);

/* Returns the next member or element after `value`, or NULL. */
const struct json *json_next(const struct json *value);

/* Returns the name of a member of an object, or NULL for anything else. */
const char *json_name(const struct json *member);

/* Counts the members or elements; 0 for other types. */
size_t json_size(const struct json *container);

/* Returns the text of a string, or NULL where it is no string. */
const char *json_string(const struct json *value);

/* Reads a number that is whole and exact: |n| < 2^53 (RFC 7493, section 2.2), because 2^53 may have been
 * 2^53 + 1 in the text. False, and nothing written, for all else. */
bool json_integer(const struct json *value, int64_t *ret_number);

/* Reads a number. False, and nothing written, where it is none. */
bool json_number(const struct json *value, double *ret_number);

/* Reads a boolean. False, and nothing written, where it is none. */
bool json_bool(const struct json *value, bool *ret_bool);

/* Returns the value as compact JSON text in `arena`; NULL when memory is short. */
char *json_text(struct arena *arena, const struct json *value);

/* A writer. Begin with jsonw_init(), then call in the order of the text; it puts the commas. Failures stick
 * to `out`. `name` is the member's name inside an object, and NULL inside an array or at the top. */
struct jsonw {
	struct buf *out;
	bool comma; /* the next value needs one before it */
};

/* Starts a text at the end of `out`. */
void jsonw_init(struct jsonw *w, struct buf *out);

/* Opens an object. */
void jsonw_object(struct jsonw *w, const char *name);

/* Closes an object. */
void jsonw_object_end(struct jsonw *w);

/* Opens an array. */
void jsonw_array(struct jsonw *w, const char *name);

/* Closes an array. */
void jsonw_array_end(struct jsonw *w);

/* Writes a string, which must be valid UTF-8; null where `value` is NULL. */
void jsonw_string(struct jsonw *w, const char *name, const char *value);

/* Writes a whole number. */
void jsonw_int(struct jsonw *w, const char *name, int64_t value);

/* Writes a number with three digits after the point; null for infinities and NaN. */
void jsonw_real(struct jsonw *w, const char *name, double value);

/* Writes a boolean. */
void jsonw_bool(struct jsonw *w, const char *name, bool value);

/* Writes null. */
void jsonw_null(struct jsonw *w, const char *name);

/* Writes a value that is JSON text already, unchecked; null where `text` is NULL. */
void jsonw_raw(struct jsonw *w, const char *name, const char *text);

#endif
