/* The bytes of a finished video: see content.h. The channel's key goes along only to the channel's own
 * origin. */
#include "domain/video/content.h"

#include <stdio.h>

#include "domain/channel/channels.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/inside.h"
#include "upstream/http/download.h"

/* The channel to fetch `link` by, or, without one, by the job's id. A link can be fetched even where the
 * channel is another upstream by now, as the key goes to the channel's own origin only. */
static const struct channel *
find_channel(struct channels *channels, const struct task *task, const char *link)
{
	const struct channel *channel = channels_for_task(channels, task);
	return channel == NULL && link != NULL ? channels_find(channels, task->channel) : channel;
}

struct reading {
	const struct channel *channel;
	struct arena *arena;
};

static const char *
read_link(void *cookie, const char *bytes, size_t len)
{
	const struct reading *reading = cookie;
	return answer_link(reading->channel->dialect, bytes, len, reading->arena);
}

/* Fetches the video out of the answer to a poll. */
static enum err_code
fetch_inside(const struct reading *reading, const struct task *task, const struct download_sink *sink)
{
	struct http_request request;
	struct inside *inside = inside_new(reading->arena, reading->channel->dialect, sink);
	if (inside == NULL)
		return ERR_NO_MEMORY;
	const struct download_sink all = inside_sink(inside);
	enum err_code err = compose_poll(reading->channel, task, reading->arena, &request);
	if (err == ERR_OK)
		err = download_run(reading->channel, &request, NULL, NULL, &all);
	if (err != ERR_OK || inside_whole(inside))
		return err;
	if (sink->ret_why != NULL)
		snprintf(sink->ret_why, DOWNLOAD_WHY_SIZE, "the answer holds no whole video");
	return ERR_UPSTREAM_FAILED;
}

enum err_code
content_fetch(struct channels *channels, struct arena *arena, const struct task *task, const char *range,
              const struct download_sink *sink)
{
	struct http_request request;
	const struct channel *channel = find_channel(channels, task, task->video_url);
	if (channel == NULL)
		return channels_must_wait(channels, NULL, task) ? ERR_UPSTREAM_FAILED : ERR_CONTENT_GONE;
	struct reading reading = {channel, arena};
	const struct download_json json = {read_link, &reading};
	enum err_code err = compose_content(channel, task, arena, &request);
	if (err == ERR_OK)
		err = download_run(channel, &request, range, &json, sink);
	else if (err == ERR_NOT_FOUND && inside_possible(channel->dialect))
		err = fetch_inside(&reading, task, sink);
	/* Another key's "not found" is no verdict. */
	if (err == ERR_CONTENT_GONE && task->video_url == NULL && !channel_is_of(channel, task))
		err = ERR_UPSTREAM_FAILED;
	channel_release(channel);
	if (err == ERR_NOT_FOUND)
		return ERR_CONTENT_GONE;
	return err == ERR_FORBIDDEN ? ERR_UPSTREAM_FAILED : err;
}

enum err_code
content_fetch_picture(struct channels *channels, struct arena *arena, const struct task *task,
                      enum content_variant variant, const struct download_sink *sink)
{
	struct http_request request;
	const char *link = variant == VARIANT_THUMBNAIL ? task->image_url : NULL;
	const struct channel *channel = find_channel(channels, task, link);
	if (channel == NULL)
		return channels_must_wait(channels, NULL, task) ? ERR_UPSTREAM_FAILED : ERR_NOT_FOUND;
	enum err_code err = compose_picture(channel, task, variant, arena, &request);
	if (err == ERR_OK)
		err = download_run(channel, &request, NULL, NULL, sink);
	channel_release(channel);
	if (err == ERR_CONTENT_GONE)
		return ERR_NOT_FOUND;
	return err == ERR_FORBIDDEN ? ERR_UPSTREAM_FAILED : err;
}
