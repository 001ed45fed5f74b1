/* The ways in which an answer can go wrong, and their words, which DESIGN explains. Thread-safe. */
#ifndef SIMULATOR_FAULTS_H
#define SIMULATOR_FAULTS_H

#include <stdbool.h>

enum fault {
	FAULT_OK,
	FAULT_REJECT,
	FAULT_404,
	FAULT_429,
	FAULT_500,
	FAULT_503,
	FAULT_GARBAGE,
	FAULT_HTML,
	FAULT_NO_ID,
	FAULT_HANGUP,
	FAULT_HANG,
	FAULT__MAX
};

/* The words in the order of the enum; NULL after the last. */
extern const char *const fault_words[FAULT__MAX + 1];

/* The fault of that word, or FAULT__MAX. */
enum fault fault_of(const char *word);

/* True where a submission that is answered by this fault is accepted all the same: the job runs, and the
 * client cannot know. */
bool fault_takes_job(enum fault fault);

#endif
