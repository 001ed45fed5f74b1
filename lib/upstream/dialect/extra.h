/* Members of a client's `extra` that no upstream may be sent: how many videos a job makes, which is counted
 * and paid for as one, and addresses that the upstream would write to. Internal to this folder. Pure,
 * thread-safe.
 */
#ifndef UPSTREAM_DIALECT_EXTRA_H
#define UPSTREAM_DIALECT_EXTRA_H

struct dialect;
struct json;

/* Returns the name of the first such member of the object, or of an object or array within it, in the order
 * of the text; NULL where there is none. Case, underscores and dashes make no difference. The name lives as
 * long as `extra`. NULL is no object. */
const char *extra_forbidden(const struct json *extra);

/* Returns the name of the first member, at any depth, that is not in the list (NULL-terminated; NULL = an
 * empty one); NULL where all are. As above. */
const char *extra_unlisted(const struct json *extra, const char *const *list);

/* Returns the name of the first member, at any depth, that the profile writes by itself, in whatever job and
 * wherever, or lists as priced; NULL where none is. Case, underscores and dashes make no difference. */
const char *extra_priced(const struct json *extra, const struct dialect *dialect);

#endif
