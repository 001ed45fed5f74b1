/* What one job is told by the name of its model: "sora_video2:slow=5s+fail". A pure function of that name,
 * so that it need not be stored. The switches stand in DESIGN. Thread-safe. */
#ifndef SIMULATOR_MODEL_SWITCHES_H
#define SIMULATOR_MODEL_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "faults.h"

enum job_end { END_COMPLETED, END_FAILED, END_CANCELLED, END_NEVER };

struct switches {
	enum fault submit;   /* what becomes of the answer to the submission */
	enum fault poll;     /* … and of those to the polls */
	int64_t poll_times;  /* the poll fault meets so many polls; 0 = all */
	int64_t delay_ms;    /* before the submission is answered; -1 = as the control says */
	int64_t duration_ms; /* from submission to end; -1 = as the control says */
	enum job_end end;
	bool strange; /* at work under a word that nobody knows */
	bool no_url;  /* completed without a link */
};

/* Reads the switches behind the colon of `model`. ERR_BAD_FIELD (model) for one that does not exist, because
 * a test that misspells its switch shall not pass for that. */
struct err switches_read(const char *model, struct switches *ret_switches);

#endif
