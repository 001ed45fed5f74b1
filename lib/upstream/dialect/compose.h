/* Composes requests to an upstream by the channel's profile. Results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_COMPOSE_H
#define UPSTREAM_DIALECT_COMPOSE_H

#include <stdbool.h>

#include "base/err.h"
#include "model/content_variant.h"
#include "upstream/dialect/inputs.h"
#include "upstream/http/message.h"

struct arena;
struct channel;
struct task;

/* Composes the submission of `task`. Where it has a source_external_id, that is the remix, edit or extension
 * of it, as the member `job` of its options says (none = a remix). `inputs` has what it is made from (NULL =
 * nothing). Where the channel has an idempotency header, its value is the same for every submission of this
 * attempt. The timeout is left 0 for the caller. ERR_UNSUPPORTED_FIELD where the task has anything that the
 * profile has no place for: no retry will help. ERR_INTERNAL for a key or options that cannot be sent;
 * ERR_NO_MEMORY. */
enum err_code
compose_submit(const struct channel *channel, const struct task *task, const struct submit_inputs *inputs,
               struct arena *arena, struct http_request *ret_request);

/* Composes the upload of the first image that must be uploaded before the submission, and was not: one
 * without an id, whose place ret_at is. It may be repeated. ERR_NOT_FOUND where there is none (any more);
 * else as compose_submit(). */
enum err_code
compose_upload(const struct channel *channel, const struct task *task, const struct submit_inputs *inputs,
               struct arena *arena, struct http_request *ret_request, size_t *ret_at);

/* Composes a poll of the task, which has an external id; the id is percent-encoded into the path. The timeout
 * is left 0. ERR_INTERNAL where there is no id; ERR_NO_MEMORY. */
enum err_code compose_poll(const struct channel *channel, const struct task *task, struct arena *arena,
                           struct http_request *ret_request);

/* Composes the question for the video of a job that is done; `result_id` is that of the answer to the poll,
 * or NULL. ERR_NOT_FOUND where the profile has none, and its link leads elsewhere; ERR_INTERNAL where an id
 * is needed and not there; ERR_NO_MEMORY. */
enum err_code compose_result(const struct channel *channel, const struct task *task, const char *result_id,
                             struct arena *arena, struct http_request *ret_request);

/* Composes the cancellation of the task's job. ERR_NOT_FOUND where the profile has none; else as
 * compose_poll(). */
enum err_code compose_cancel(const struct channel *channel, const struct task *task, struct arena *arena,
                             struct http_request *ret_request);

/* Composes the request for the list of the latest jobs. ERR_NOT_FOUND where the profile has none; else as
 * compose_poll(). */
enum err_code
compose_list(const struct channel *channel, struct arena *arena, struct http_request *ret_request);

/* Composes a request that costs nothing and needs the key, to check a channel: the profile's own, or else for
 * the list, or else a poll of a job that does not exist (ret_missing). Errors as compose_list(). */
enum err_code compose_check(const struct channel *channel, struct arena *arena,
                            struct http_request *ret_request, bool *ret_missing);

/* Composes the request for the list of the upstream's models. Errors as compose_list(). */
enum err_code
compose_models(const struct channel *channel, struct arena *arena, struct http_request *ret_request);

/* Composes the download of the finished video: from the link that the upstream gave, or else from the
 * profile's content path. The headers have the channel's key only where the request goes to the channel's own
 * origin. ERR_NOT_FOUND where there is neither; ERR_INTERNAL, ERR_NO_MEMORY. */
enum err_code compose_content(const struct channel *channel, const struct task *task, struct arena *arena,
                              struct http_request *ret_request);

/* Composes the same for a picture of the video: a thumbnail from the link that the upstream gave, or else
 * from the profile's path. */
enum err_code
compose_picture(const struct channel *channel, const struct task *task, enum content_variant variant,
                struct arena *arena, struct http_request *ret_request);

#endif
