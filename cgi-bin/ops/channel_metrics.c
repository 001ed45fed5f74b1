/* How the channels are doing: a piece of GET /metrics. A channel's name needs no escape. */
#include "channel_metrics.h"

#include "api/call.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/stats.h"

enum err_code
channel_metrics(struct call *call, struct buf *out)
{
	static const char *const names[][2] = {
	    {"channel_failures", "Failed calls in a row."},
	    {"channel_rest_seconds", "Time left of its cooldown."},
	    {"channel_account_trouble", "1 while its account (key, balance) needs the operator."}};
	struct channel_doing *channels;
	size_t count = 0;
	int64_t now = clock_wall_ms();
	enum err_code err = store_stats_channels(call->store, call->arena, &channels, &count);
	count = err == ERR_OK ? count : 0;
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		buf_addf(out, "# HELP longreel_%s %s\n# TYPE longreel_%s gauge\n", names[k][0], names[k][1],
		         names[k][0]);
		for (size_t i = 0; i < count; i++) {
			const struct channel_health *h = &channels[i].health;
			const double values[] = {
			    (double)h->failures,
			    h->cooldown_until > now ? (double)(h->cooldown_until - now) / 1000 : 0,
			    h->account_failures > 0};
			buf_addf(out, "longreel_%s{channel=\"%s\"} %.10g\n", names[k][0], channels[i].name,
			         values[k]);
		}
	}
	return err;
}
