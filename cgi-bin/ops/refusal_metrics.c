/* Refused requests: a piece of GET /metrics. The words of codes need no escape. */
#include "refusal_metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/refusals.h"

/* True where an earlier code of the table has the same word. */
static bool
is_told(int code)
{
	int other = 0;
	while (strcmp(err_word((enum err_code)other), err_word((enum err_code)code)) != 0)
		other++;
	return other < code;
}

void
refusal_metrics(struct buf *out)
{
	uint64_t counts[ERR__MAX];
	refusals_read(counts);
	buf_addf(out,
	         "# HELP longreel_refusals_total Requests that were answered with an error, by its code.\n"
	         "# TYPE longreel_refusals_total counter\n");
	for (int code = ERR_OK + 1; code < ERR__MAX; code++)
		if (!is_told(code))
			buf_addf(out, "longreel_refusals_total{code=\"%s\"} %" PRIu64 "\n",
			         err_word((enum err_code)code), counts[code]);
}
