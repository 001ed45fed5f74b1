/* Reads an upstream's answer by the channel's profile: what does it mean for the task? Never ends a task on
 * rubbish: an HTML page, a 5xx, a cut-off body or an unknown word is no verdict on a video. Results live in
 * the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_ANSWER_H
#define UPSTREAM_DIALECT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/answer.h"

struct arena;
struct channel;
struct dialect;
struct http_response;
struct submit_image;
struct task;

/* Reads the response to the submission of `task`, whose words it may quote; NULL = of none. */
void answer_submit(const struct dialect *dialect, const struct http_response *response,
                   const struct task *task, struct arena *arena, struct submit_answer *ret_answer);

/* Reads the response to the upload of an image of `task` as if it were one to its submission: accepted is
 * what has an id, which goes into `image`. Nothing is submitted yet, so that no outcome is unknown. */
void
answer_upload(const struct dialect *dialect, const struct http_response *response, const struct task *task,
              struct arena *arena, struct submit_image *image, struct submit_answer *ret_answer);

/* Reads the response to a poll. */
void answer_poll(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                 struct poll_answer *ret_answer);

/* Reads the response to compose_result() into `answer`, that of the poll before it, which it replaces; what
 * it does not say of the video stays. */
void answer_result(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                   struct poll_answer *answer);

/* Returns the column `job` of the task with what the answer to a poll adds to it; NULL = it stays. */
const char *answer_job(const struct task *task, const struct poll_answer *answer, struct arena *arena);

/* Reads the link to a video in JSON that came in place of the video; NULL where there is none. */
const char *answer_link(const struct dialect *dialect, const char *bytes, size_t len, struct arena *arena);

/* Returns `text`, a piece of an answer or NULL, but NULL where it quotes the channel's key, as some upstreams
 * do, or ends with the beginning of it. */
const char *answer_without_key(const struct channel *channel, const char *text);

/* Reads the id of the job that a webhook of the upstream is about, or NULL. */
const char *answer_webhook(const struct dialect *dialect, const char *bytes, size_t len, struct arena *arena);

/* Reads the response to compose_list(): the upstream's latest jobs. */
void answer_list(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                 struct list_answer *ret_answer);

/* Reads the response to compose_models(): the names of the upstream's models, fit for a terminal. */
void answer_models(const struct channel *channel, const struct http_response *response, struct arena *arena,
                   struct models_answer *ret_answer);

/* True where the response to a cancellation is final, whatever it says: there is no point in sending it
 * again.
 */
bool answer_cancel(const struct http_response *response);

#endif
