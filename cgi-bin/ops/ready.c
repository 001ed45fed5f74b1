/* GET /ready
 *
 * {status:"ready"}, with `warnings` where a channel's account needs the operator, or a channel or a model
 * cools down, or where the archive is away; or 503 not_ready with a sentence about the first fault. The
 * schema was checked when the database was opened. Reads data_version, the poller's heartbeat, statvfs. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "api/call.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/video/mark.h"
#include "domain/video/space.h"
#include "handlers.h"
#include "store/channel_model.h"
#include "store/database.h"
#include "store/stats.h"

enum {
	POLLER_SILENT_MS = 90 * 1000 /* cron starts one each minute */
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
	return statvfs(config->data, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize >= LIMIT_DISK_FREE;
}

/* What of the channels does not work now. */
struct trouble {
	int64_t account, connection, model; /* how many */
};

static enum err_code
count_trouble(struct call *call, struct trouble *trouble)
{
	struct channel_doing *channels;
	struct model_cooldown *models;
	size_t count = 0, resting = 0;
	int64_t now = clock_wall_ms();
	enum err_code err = store_stats_channels(call->store, call->arena, &channels, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		trouble->account += channels[i].health.account_failures > 0;
		trouble->connection += channels[i].health.cooldown_until > now;
	}
	if (err == ERR_OK)
		err = store_channel_resting(call->store, call->arena, NULL, now, &models, &resting);
	trouble->model = (int64_t)resting;
	return err;
}

/* Writes whether the archive is away, how many channels get no new work because of their account, how many
 * cool down, and how many models do; which ones, the log, /metrics and `longreel channel list` say. */
static enum err_code
write_warnings(struct call *call, struct jsonw *w)
{
	struct trouble trouble = {0};
	enum err_code err = count_trouble(call, &trouble);
	bool away = config_on(call->config->archive) && !archive_is_there(call->config->data);
	bool full = config_on(call->config->archive) && !away && archive_room(call->config) < 0;
	if (err != ERR_OK || (trouble.account + trouble.connection + trouble.model == 0 && !away && !full))
		return err;
	jsonw_array(w, "warnings");
	if (away)
		jsonw_string(w, NULL, "The archive is away. Is its disk mounted?");
	if (full)
		jsonw_string(w, NULL, "The archive's disk is almost full; new videos wait for room.");
	if (trouble.account > 0)
		jsonw_string(w, NULL, "The provider's account of a channel needs its operator.");
	if (trouble.connection > 0)
		jsonw_string(w, NULL, "The connections of a channel fail; it cools down.");
	if (trouble.model > 0)
		jsonw_string(w, NULL, "A model cools down at a channel.");
	jsonw_array_end(w);
	jsonw_int(w, "channelsWithAccountTrouble", trouble.account);
	jsonw_int(w, "channelsCoolingDown", trouble.connection);
	jsonw_int(w, "modelsCoolingDown", trouble.model);
	return err;
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
	err = write_warnings(call, &w);
	if (err != ERR_OK)
		return err_of(err);
	return call_answer_end(call, &w, 200);
}
