/* Secrets that the operator keeps outside the database: in a file of their own, or in the environment. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct stat;

/* Whether others than its owner could read the file. root's may be read by a group, which root has chosen for
 * it: root:longreel, 0640. */
bool secret_is_exposed(const struct stat *st);

/* Reads the secret that `source` names, "file:/path" or "env:NAME", into `arena`: one line of printable ASCII
 * without blanks at its ends. A file must be a regular one that nobody but its owner (we, or root) may
 * read, or a group that root has chosen.
 * NULL with one sentence in `ret_why`, which names the source and never the secret. Thread-safe as long as
 * nobody changes the environment. */
const char *secret_read(struct arena *arena, const char *source, char *ret_why, size_t why_size);

#endif
