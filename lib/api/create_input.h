/* Reads the body of a creation, JSON or multipart, into the input of domain/task/create. */
#ifndef API_CREATE_INPUT_H
#define API_CREATE_INPUT_H

#include "base/err.h"
#include "domain/task/create.h"

struct arena;
struct call;

/* Reads and checks the whole body: all fields of the contract; clientRequestId, or the header
 * Idempotency-Key, which means the same (ERR_BAD_FIELD where they differ); the image in each form of
 * input_image.h. The image's type goes by its bytes; it is stored in DATA/uploads, synced. On failure
 * nothing is left on disk; on success the caller calls create_input_drop() if no task took the image. The
 * strings live in the request's arena. */
struct err create_input_read(struct call *call, struct create_input *ret_input);

/* Reads a body that names its source, too: `video`, an object with the member id. ERR_BAD_FIELD where it is
 * missing, ERR_UNSUPPORTED where it is a file. */
struct err
create_input_read_from(struct call *call, struct create_input *ret_input, const char **ret_video_id);

/* Removes the stored image of an input that no task took from the data directory `data`. */
void create_input_drop(const char *data, const struct create_input *input);

/* The error of a creation whose upstream cannot be told that: ERR_UNSUPPORTED_FIELD, which names the field,
 * by the client's own name for it (`names` of its input, or NULL), and, where it is known, what would be
 * right. What it says may live in `arena`. */
struct err
create_input_unsupported(const struct wish *wish, const struct create_name *names, struct arena *arena);

#endif
