/* What the endpoints of both dialects share: accepting a submission, finding the job of a poll, and the fault
 * that each gets. */
#ifndef SIMULATOR_SUBMISSION_H
#define SIMULATOR_SUBMISSION_H

#include "base/err.h"

struct call;
struct job;

/* Reads a submission (multipart/form-data with an optional file input_reference, or JSON), sets the call's
 * fault and delay, and makes the job unless the fault prevents it; then ERR_OK with ret_job->id NULL. With
 * `source` it is a remix of that job and inherits from it. */
struct err
submission_accept(struct call *call, const char *dialect, const struct job *source, struct job *ret_job);

/* Finds the job that the path names, for a poll: counts the poll, sets the call's fault and delay.
 * ERR_NOT_FOUND where the dialect has no such job, or where it was deleted. */
struct err submission_poll(struct call *call, const char *dialect, struct job *ret_job);

/* Finds it for anything but a poll: not counted, and without a fault. */
struct err submission_find(struct call *call, const char *dialect, struct job *ret_job);

/* Finds it for a remix: ERR_BAD_REQUEST unless it is completed. */
struct err submission_find_source(struct call *call, const char *dialect, struct job *ret_job);

#endif
