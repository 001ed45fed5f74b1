/* A creation as clients send it, JSON or multipart alike, made into what domain/create takes. */
#ifndef API_CREATE_INPUT_H
#define API_CREATE_INPUT_H

#include "base/err.h"
#include "domain/task/create.h"

struct call;

/* Reads and checks the whole body: every field of the contract, clientRequestId (or the Idempotency-Key
 * header, which means the same; both and different is ERR_BAD_FIELD), the image, a file or {image_url} with a
 * data URL, judged by its bytes and stored under DATA/uploads, synced. Nothing is left on disk on failure; on
 * success the caller must call create_input_drop() where no task took the image. */
struct err create_input_read(struct call *call, struct create_input *ret_input);

/* The same for a body that names its source: `video`, an object with the member id. In the request's arena.
 * ERR_BAD_FIELD where it is missing, ERR_UNSUPPORTED where it is a file. */
struct err
create_input_read_from(struct call *call, struct create_input *ret_input, const char **ret_video_id);

/* Removes the stored image of an input that no task has taken from the data directory `data`. */
void create_input_drop(const char *data, const struct create_input *input);

#endif
