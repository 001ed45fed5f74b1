/* Secrets that the operator keeps outside of the database: in a file of their own, or in the environment. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct stat;

/* True where others than its owner may read the file. A file of root's may be readable by its group, which
 * root has chosen: root:longreel, 0640. */
bool secret_is_exposed(const struct stat *st);

/* Reads the secret that `source` names, "file:/path" or "env:NAME", into `arena`: one line of printable ASCII
 * without blanks at its ends. A file must be a regular one that belongs to this user or to root and is not
 * exposed as above. NULL with one sentence in `ret_why`, which names the source and never the secret.
 * Thread-safe as long as no thread changes the environment. */
const char *secret_read(struct arena *arena, const char *source, char *ret_why, size_t why_size);

#endif
