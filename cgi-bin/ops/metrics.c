/* GET /metrics
 *
 * Prometheus' text format (version 0.0.4), for administrators' tokens, and without one for requests from this
 * machine itself. A proxy on this machine forwards requests of others: they are recognised by
 * X-Forwarded-For, Forwarded, Via or X-Real-IP, and need the token. Errors: unauthorized, forbidden. Reads
 * numbers that are kept up to date; nothing is counted here. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "domain/video/mark.h"
#include "domain/webhook/deliver.h"
#include "channel_metrics.h"
#include "handlers.h"
#include "money_metrics.h"
#include "refusal_metrics.h"
#include "store/claim.h"
#include "store/share.h"
#include "store/delivery.h"
#include "store/stats.h"

/* ---- access ---- */

static bool
from_here(const struct request *request)
{
	static const char *const forwarded[] = {"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"};
	struct in_addr in;
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		if (request_header(request, forwarded[i]) != NULL)
			return false;
	if (inet_pton(AF_INET, request->remote_addr, &in) == 1)
		return ntohl(in.s_addr) >> 24 == 127;
	return strcmp(request->remote_addr, "::1") == 0;
}

static struct err
may_see(struct call *call)
{
	struct user user;
	if (guard_token(call->request) == NULL && from_here(call->request))
		return err_of(ERR_OK);
	struct err err = guard_user(call, &user);
	return err.code == ERR_OK ? err_of(guard_admin(&user)) : err;
}

/* ---- the numbers ---- */

static void
head(struct buf *out, const char *name, const char *help)
{
	buf_addf(out, "# HELP longreel_%s %s\n# TYPE longreel_%s gauge\n", name, help, name);
}

static void
gauge(struct buf *out, const char *name, const char *help, double value)
{
	head(out, name, help);
	buf_addf(out, "longreel_%s %.3f\n", name, value);
}

static bool
stat_of(const struct config *config, const char *name, struct stat *ret_stat)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", config->data, name);
	return stat(path, ret_stat) == 0;
}

static void
write_files(const struct config *config, struct buf *out)
{
	struct statvfs fs;
	struct stat st;
	if (stat_of(config, "longreel.db", &st))
		gauge(out, "database_bytes", "Size of the database.", (double)st.st_size);
	if (statvfs(config->data, &fs) == 0)
		gauge(out, "disk_free_bytes", "Free space on the disk.",
		      (double)fs.f_bavail * (double)fs.f_frsize);
	if (config_on(config->archive))
		gauge(out, "archive_there", "1; 0 while the archive is away: its disk may not be mounted.",
		      archive_is_there(config->data) ? 1 : 0);
	if (stat_of(config, "poller.alive", &st))
		gauge(out, "poller_silent_seconds", "Seconds since the last sign of a poller.",
		      (double)clock_wall_ms() / 1000 - (double)st.st_mtim.tv_sec);
}

/* The seconds since `due_at`; 0 = not due. */
static double
lag(int64_t due_at, int64_t now)
{
	return due_at < now ? (double)(now - due_at) / 1000 : 0;
}

static enum err_code
write_tasks(struct call *call, struct buf *out)
{
	int64_t counts[TASK_STATUS__MAX], due_at = INT64_MAX, deliver_at = INT64_MAX, now = clock_wall_ms();
	int64_t looked_until = INT64_MAX;
	enum err_code err = store_stats_tally(call->store, counts);
	if (err == ERR_OK)
		err = store_task_next_due(call->store, &due_at);
	if (err == ERR_OK)
		err = store_share_lag(call->store, now, &looked_until);
	if (err == ERR_OK)
		err = store_delivery_next_due(call->store, now, DELIVER_PER_ENDPOINT, &deliver_at);
	if (err != ERR_OK)
		return err;
	head(out, "tasks", "Tasks by status.");
	for (int status = 0; status < TASK_STATUS__MAX; status++)
		buf_addf(out, "longreel_tasks{status=\"%s\"} %" PRId64 "\n", task_status_word(status),
		         counts[status]);
	due_at = looked_until < due_at ? looked_until : due_at; /* of open tasks that no poller looks at */
	gauge(out, "task_lag_seconds", "Age of the oldest due work that waits.", lag(due_at, now));
	gauge(out, "webhook_lag_seconds", "Age of the oldest due webhook that waits.", lag(deliver_at, now));
	return ERR_OK;
}

struct err
ops_metrics(struct call *call)
{
	struct buf *out = &call->reply->body;
	struct err err = may_see(call);
	if (err.code == ERR_OK)
		err.code = write_tasks(call, out);
	if (err.code == ERR_OK)
		err.code = channel_metrics(call, out);
	if (err.code == ERR_OK)
		err.code = money_metrics(call, out);
	if (err.code != ERR_OK)
		return err;
	refusal_metrics(out);
	write_files(call->config, out);
	reply_header(call->reply, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	envelope_headers(call->request->id, call->reply);
	return err;
}
