/* How the channels are doing: a piece of GET /metrics. A channel's name needs no escape. */
#include "channel_metrics.h"

#include "api/call.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/channel_model.h"
#include "store/stats.h"

static double
left(int64_t until, int64_t now)
{
	return until > now ? (double)(until - now) / 1000 : 0;
}

/* A model's name is as clients write it. */
static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			buf_addf(out, "\\%c", *text);
		else if (*text == '\n')
			buf_addf(out, "\\n");
		else
			buf_addf(out, "%c", *text);
}

/* The models that cool down, and only those. */
static enum err_code
model_metrics(struct call *call, int64_t now, struct buf *out)
{
	struct model_cooldown *models;
	size_t count = 0;
	enum err_code err = store_channel_resting(call->store, call->arena, NULL, now, &models, &count);
	buf_addf(out, "# HELP longreel_channel_model_rest_seconds Time left of the cooldown of a model.\n"
	              "# TYPE longreel_channel_model_rest_seconds gauge\n");
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		buf_addf(out, "longreel_channel_model_rest_seconds{channel=\"%s\",model=\"",
		         models[i].channel);
		add_escaped(out, models[i].model);
		buf_addf(out, "\"} %.10g\n", left(models[i].until, now));
	}
	return err;
}

enum err_code
channel_metrics(struct call *call, struct buf *out)
{
	static const char *const names[][2] = {
	    {"channel_failures", "Failed calls in a row."},
	    {"channel_rest_seconds", "Time left of its cooldown, in which nothing is sent."},
	    {"channel_poll_rest_seconds", "Time left of the cooldown of its polls."},
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
			const double values[] = {(double)h->failures, left(h->cooldown_until, now),
			                         left(h->poll_until, now), h->account_failures > 0};
			buf_addf(out, "longreel_%s{channel=\"%s\"} %.10g\n", names[k][0], channels[i].name,
			         values[k]);
		}
	}
	return err == ERR_OK ? model_metrics(call, now, out) : err;
}
