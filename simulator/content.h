/* The video: the same file for every job. */
#ifndef SIMULATOR_CONTENT_H
#define SIMULATOR_CONTENT_H

#include "base/err.h"

struct call;
struct job;

/* The absolute link to the job's video, with the host that the client used; NULL when memory is short. */
const char *content_url(const struct call *call, const struct job *job);

/* Sends the video, or the range of it that was asked for. ERR_RANGE_NOT_SATISFIABLE, ERR_NO_MEMORY,
 * ERR_INTERNAL. */
struct err content_send(struct call *call, const struct job *job);

#endif
