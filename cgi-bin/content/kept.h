/* Answering with a video that is kept. */
#ifndef CONTENT_KEPT_H
#define CONTENT_KEPT_H

#include "base/err.h"

struct archive_entry;
struct call;
struct pass;

/* Answers the call with the file or the part of it that pass->range names, or makes the web server do so
 * (configuration: sendfile); with 304 where the client has it. ERR_NOT_FOUND, with nothing sent, where the
 * file is absent or has another size than its row says; ERR_RANGE_NOT_SATISFIABLE; ERR_NO_MEMORY; the errors
 * of stream_open(). */
struct err kept_video(struct call *call, const struct archive_entry *file, const struct pass *pass);

#endif
