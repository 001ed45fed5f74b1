/* GET /ready
 *
 * {status:"ready"}, or 503 not_ready with a sentence about the first fault. The schema was checked when the
 * database was opened. Reads data_version, the poller's heartbeat, statvfs. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "api/call.h"
#include "base/clock.h"
#include "base/config.h"
#include "handlers.h"
#include "store/database.h"

enum {
	POLLER_SILENT_MS = 90 * 1000, /* cron starts one each minute */
	DISK_MIN = 64 * 1024 * 1024   /* bytes: a dozen uploads, or a day of a busy database's log */
};

static bool
poller_alive(const struct config *config)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof(path), "%s/poller.alive", config->data);
	if (stat(path, &st) != 0)
		return false;
	/* A time in the future is a clock that was set back: a poller that runs has noticed it by now. */
	int64_t ago = clock_wall_ms() - (int64_t)st.st_mtim.tv_sec * 1000;
	return ago < POLLER_SILENT_MS && ago > -POLLER_SILENT_MS;
}

static bool
disk_has_room(const struct config *config)
{
	struct statvfs fs;
	return statvfs(config->data, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize >= DISK_MIN;
}

struct err
ops_ready(struct call *call)
{
	int64_t version;
	enum err_code err = store_data_version(call->store, &version);
	if (err != ERR_OK)
		return err_of(err);
	if (!poller_alive(call->config))
		return err_say(ERR_NOT_READY, NULL, "No poller is running.");
	if (!disk_has_room(call->config))
		return err_say(ERR_NOT_READY, NULL, "The disk is almost full.");
	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "status", "ready");
	return call_answer_end(call, &w, 200);
}
