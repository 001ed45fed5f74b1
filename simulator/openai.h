/* The video object of the dialect "openai". */
#ifndef SIMULATOR_OPENAI_H
#define SIMULATOR_OPENAI_H

struct call;
struct job;
struct jsonw;

/* Writes the job as OpenAI's video object, with all its members. */
void openai_write_video(struct call *call, struct jsonw *w, const struct job *job);

#endif
