/* A task as OpenAI's object Video (contract, section 7; the package openai 6.49, resources/videos.d.ts). */
#ifndef API_OPENAI_VIDEO_H
#define API_OPENAI_VIDEO_H

#include "base/json.h"
#include "model/task.h"

struct arena;
struct reply;
struct request;

/* Writes the object as an element of the open array. `arena` is for parsing the task's metadata; what it
 * costs is told in `currency`. */
void openai_video(struct jsonw *w, struct arena *arena, const struct task *task, const char *currency);

/* Answers with the object; where it is not final, with openai-poll-after-ms: their clients poll again after
 * so many ms. Uses the request's arena. */
void openai_video_answer(const struct request *request, struct reply *reply, const struct task *task,
                         const char *currency);

#endif
