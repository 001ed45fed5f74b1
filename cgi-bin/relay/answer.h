/* The answers of creations, sent at once or later. */
#ifndef RELAY_ANSWER_H
#define RELAY_ANSWER_H

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "driver.h"

struct arena;

/* Writes the members of a creation's answer into the object that is open: videoId, externalTaskId,
 * clientRequestId, status, progress, message, and remixed_from where it is a remix. */
void answer_members(struct jsonw *w, struct arena *arena, const struct task *task, const char *lang);

/* Why the client does not have what it asked for: no task, refused by the upstream, of unknown outcome; or
 * ERR_OK. */
struct err answer_error(const struct create_order *order);

/* The answer of a call with one creation: 202 where it waits in the queue for the upstream, else 200, or the
 * error. Where it has several, their first good one, and `tasks` with all of them; the error only where each
 * has one. A driver_answer. */
enum err_code answer_one(const struct request *request, struct reply *reply, const struct creation *creations,
                         size_t count, const char *lang);

/* The same in OpenAI's words: the object Video, or the error. A task that is there and has failed for what
 * the client is not to blame for is an answer: asked again, it would be the same. A driver_answer. */
enum err_code answer_video(const struct request *request, struct reply *reply,
                           const struct creation *creations, size_t count, const char *lang);

#endif
