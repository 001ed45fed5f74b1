/* What the checks have found: a line each, or JSON for a program. One thread. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"

enum finding {
	FINDING_OK,
	FINDING_WAIT, /* it passes by itself */
	FINDING_WARN, /* no fault, but a decision */
	FINDING_BAD,
	FINDING_NOTE /* what was asked for besides */
};

struct findings {
	bool json;
	struct buf *text; /* of the JSON */
	struct jsonw w;
};

/* Begins, as JSON where that is wanted; the memory is the arena's. False when it is short. */
bool findings_begin(struct findings *findings, bool json, struct arena *arena);

/* Prints a line about a part, or notes it for the JSON: what is so, and what is to be done, or NULL. NULL
 * findings are printed; a NULL text says that memory was short. False for FINDING_BAD. */
bool findings_say(struct findings *findings, enum finding finding, const char *part, const char *text,
                  const char *todo);

/* Prints the JSON, where that was wanted: {"good", "findings": [{"level", "part", "text", "todo"}]}. False
 * when memory was short. */
bool findings_end(struct findings *findings, bool good);

#endif
