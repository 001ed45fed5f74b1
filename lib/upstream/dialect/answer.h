/* From the bytes of an answer to what it means, as the channel's dialect has it. Never ends a task on
 * rubbish: an HTML page, a 5xx, a cut-off body or an unknown word is no verdict on a video. Results live in
 * the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_ANSWER_H
#define UPSTREAM_DIALECT_ANSWER_H

#include <stdbool.h>

#include "model/answer.h"

struct arena;
struct channel;
struct dialect;
struct http_response;

/* What the response to a submission means. */
void answer_submit(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                   struct submit_answer *ret_answer);

/* What the response to a poll means. */
void answer_poll(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                 struct poll_answer *ret_answer);

/* `text`, a piece of an answer or NULL; NULL where it quotes the channel's key, as some upstreams do, or ends
 * with the beginning of it. */
const char *answer_without_key(const struct channel *channel, const char *text);

/* The jobs that the response to the question for the list names. */
void answer_list(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
                 struct list_answer *ret_answer);

/* True where the response to a cancellation is the upstream's last word, whatever it is: the same order need
 * not be given again. */
bool answer_cancel(const struct http_response *response);

#endif
