/* What the endpoints of both dialects share: taking a submission and finding the job of a poll, each with the
 * faults that it meets. */
#ifndef SIMULATOR_SUBMISSION_H
#define SIMULATOR_SUBMISSION_H

#include "base/err.h"

struct call;
struct job;

/* Reads the submission (multipart/form-data with an optional file input_reference, or JSON) and decides what
 * becomes of it: sets the call's fault and delay and, where the fault takes the job, keeps it. With `source`,
 * it is a remix of that job and inherits from it. ERR_OK with ret_job->id NULL where no job was taken. */
struct err
take_submission(struct call *call, const char *dialect, const struct job *source, struct job *ret_job);

/* The job that the path names, for a poll: counts it, sets the call's fault and delay. ERR_NOT_FOUND where
 * the dialect has no such job, or where it was deleted. */
struct err take_poll(struct call *call, const char *dialect, struct job *ret_job);

/* The same for anything but a poll: neither counted nor met by faults. */
struct err take_job(struct call *call, const char *dialect, struct job *ret_job);

/* The same for a remix: it must be completed, too; ERR_BAD_REQUEST. */
struct err take_source(struct call *call, const char *dialect, struct job *ret_job);

#endif
