/* The words of the faults: see faults.h. */
#include "faults.h"

#include <string.h>

const char *const fault_words[FAULT__MAX + 1] = {
    [FAULT_OK] = "ok",       [FAULT_REJECT] = "reject", [FAULT_404] = "404",         [FAULT_429] = "429",
    [FAULT_500] = "500",     [FAULT_503] = "503",       [FAULT_GARBAGE] = "garbage", [FAULT_HTML] = "html",
    [FAULT_NO_ID] = "no-id", [FAULT_HANGUP] = "hangup", [FAULT_HANG] = "hang",
};

enum fault
fault_of(const char *word)
{
	for (unsigned fault = 0; fault < FAULT__MAX; fault++) {
		if (strcmp(fault_words[fault], word) == 0)
			return (enum fault)fault;
	}
	return FAULT__MAX;
}

bool
fault_takes_job(enum fault fault)
{
	return fault != FAULT_REJECT && fault != FAULT_404 && fault != FAULT_429 && fault != FAULT_503;
}
