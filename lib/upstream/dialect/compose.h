/* From a task to the bytes of a request, as the channel's dialect has it. Results live in the arena.
 * Thread-safe. */
#ifndef UPSTREAM_DIALECT_COMPOSE_H
#define UPSTREAM_DIALECT_COMPOSE_H

#include "base/err.h"
#include "model/content_variant.h"
#include "upstream/http/message.h"

struct arena;
struct channel;
struct task;

/* The submission of `task`; where it has a source_external_id, the remix, edit or extension of that, as the
 * member `job` of its options says (none = a remix); `input_path` is the path of its
 * reference image or NULL. Where the channel knows repetitions, it bears a key that is the same for every
 * submission of this attempt of the task. The timeout is left 0 for the caller. ERR_BAD_FIELD where there is
 * an image, or a source, and the dialect has no place for one: no other try will help. ERR_INTERNAL for a key
 * or options that cannot be sent; ERR_NO_MEMORY. */
enum err_code compose_submit(const struct channel *channel, const struct task *task, const char *input_path,
                             struct arena *arena, struct http_request *ret_request);

/* The question how the task, whose external id is known, stands. The id is percent-encoded into the path.
 * The timeout is left 0. ERR_INTERNAL where there is no id; ERR_NO_MEMORY. */
enum err_code compose_poll(const struct channel *channel, const struct task *task, struct arena *arena,
                           struct http_request *ret_request);

/* The order to stop the task's job. ERR_NOT_FOUND where the dialect has none; else as compose_poll(). */
enum err_code compose_cancel(const struct channel *channel, const struct task *task, struct arena *arena,
                             struct http_request *ret_request);

/* The question for the channel's latest jobs. ERR_NOT_FOUND where the dialect has none; else as
 * compose_poll(). */
enum err_code
compose_list(const struct channel *channel, struct arena *arena, struct http_request *ret_request);

/* A question that costs nothing and asks for the key: the dialect's own, or else for the list.
 * ERR_NOT_FOUND where the dialect has neither; else as compose_list(). */
enum err_code
compose_check(const struct channel *channel, struct arena *arena, struct http_request *ret_request);

/* Where the finished video is: the link that the upstream gave, or else the dialect's content path.
 * `ret_request` has the channel's key in its headers only where it goes to the channel's own origin.
 * ERR_NOT_FOUND where there is neither; ERR_INTERNAL, ERR_NO_MEMORY. */
enum err_code compose_content(const struct channel *channel, const struct task *task, struct arena *arena,
                              struct http_request *ret_request);

/* The same of a picture of it: a thumbnail by the link that the upstream gave, or else by the dialect's path.
 */
enum err_code
compose_picture(const struct channel *channel, const struct task *task, enum content_variant variant,
                struct arena *arena, struct http_request *ret_request);

#endif
