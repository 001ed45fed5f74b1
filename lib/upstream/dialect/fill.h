/* Fills the placeholders of a profile's paths and bodies: {id}, {result_id} and {model}, in a path also
 * {+id}, {+result_id} and {+model}, whose slashes stay (RFC 6570, section 3.2.3); in a header {model}, and
 * {uuid}, which is a new one each time. Internal to this folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_FILL_H
#define UPSTREAM_DIALECT_FILL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

/* What placeholders stand for; NULL = there is no value. */
struct fill {
	const char *id;        /* the job's, as the upstream calls it */
	const char *result_id; /* of what the job has made */
	const char *model;     /* as the upstream calls it */
};

/* The placeholders that a text may hold. */
enum fill_set { FILL_ID = 1, FILL_RESULT_ID = 2, FILL_MODEL = 4, FILL_UUID = 8 };

/* Joins `base` and `path`, with each value percent-encoded (RFC 3986, section 2.3). What stands behind a
 * value whose slashes stay, to the end of the path, is left out where the value ends with it. ERR_INTERNAL
 * where a value that is needed is missing or empty, or would lead to another place: "." and ".." between
 * slashes that stay; ERR_NO_MEMORY. */
enum err_code fill_url(const char *base, const char *path, const struct fill *fill, struct arena *arena,
                       const char **ret_url);

/* Fills a compact text of JSON, in whose strings the placeholders stand. A value that is an object of JSON
 * takes the place of the whole string, where that is the placeholder alone. Errors as above. */
enum err_code
fill_json(const char *json, const struct fill *fill, struct arena *arena, const char **ret_json);

/* Fills a line of a header with the values as they are. ERR_INTERNAL also for a value that is no printable
 * ASCII. Errors as above. */
enum err_code
fill_header(const char *line, const struct fill *fill, struct arena *arena, const char **ret_line);

/* True for a value that every path and header can be filled with. */
bool fill_fits(const char *value);

/* Returns the first byte of the first placeholder in `text`, or NULL; its length, and which it is: an enum
 * fill_set, 0 for one that is not known. In JSON what is not known is no placeholder. */
const char *fill_find(const char *text, size_t *ret_len, enum fill_set *ret_which);

/* True where `text` (NULL = none) holds one of the placeholders in `set`, of enum fill_set. */
bool fill_has(const char *text, unsigned set);

#endif
