/* Switches in the name of a job's model, as in "sora_video2:slow=5s+fail"; DESIGN lists them. A pure function
 * of that name, so they are not stored. Thread-safe. */
#ifndef SIMULATOR_MODEL_SWITCHES_H
#define SIMULATOR_MODEL_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "faults.h"

enum job_end { END_COMPLETED, END_FAILED, END_CANCELLED, END_NEVER };

struct model_switches {
	enum fault submit;   /* of the answer to the submission */
	enum fault poll;     /* of the answers to polls */
	int64_t poll_times;  /* polls that get the poll fault; 0 = all */
	int64_t delay_ms;    /* before the submission is answered; -1 = as in the settings */
	int64_t duration_ms; /* from submission to end; -1 = as in the settings */
	enum job_end end;
	bool strange; /* "daydreaming" instead of "in_progress" */
	bool no_url;  /* completed without a link */
};

/* Reads the switches behind the colon of `model`. ERR_BAD_FIELD (model) for an unknown one, so that a
 * test with a misspelt switch fails. */
struct err model_switches_read(const char *model, struct model_switches *ret_switches);

#endif
