/* The ways in which an answer can go wrong, each by its word; the words stand in DESIGN. Thread-safe. */
#ifndef SIMULATOR_FAULTS_H
#define SIMULATOR_FAULTS_H

#include <stdbool.h>

struct call;

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

/* The words by the enum's order, NULL behind the last. */
extern const char *const fault_words[FAULT__MAX + 1];

/* The fault of that word, or FAULT__MAX. */
enum fault fault_of(const char *word);

/* True where a submission that meets this fault is nevertheless taken: the job runs, and who sent it cannot
 * know. */
bool fault_takes_job(enum fault fault);

/* Turns the reply of the call, which a handler has written as if all were well, into what its fault makes of
 * it. FAULT_HANGUP sends a piece of it, closes the connection, and leaves the reply detached. */
void fault_apply(struct call *call);

/* Writes an error in OpenAI's envelope; `param` may be NULL. */
void fault_error(struct call *call, int status, const char *code, const char *param, const char *message);

#endif
