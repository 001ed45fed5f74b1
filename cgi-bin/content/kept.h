/* Answering with a video that is kept here. */
#ifndef CONTENT_KEPT_H
#define CONTENT_KEPT_H

#include <stdbool.h>

#include "base/err.h"

struct archive_entry;
struct call;
struct pass;

/* Answers the call with the kept file or the part of it, or has the web server do so (configuration:
 * sendfile); with a 304 who has it already. ERR_NOT_FOUND where the file is not there as its row has it: then
 * nothing was sent. ERR_RANGE_NOT_SATISFIABLE. */
enum err_code kept_video(struct call *call, const struct archive_entry *file, const struct pass *pass);

#endif
