/* The bytes of a finished video: from the channel that made it, with the channel's key where it needs one. */
#include "domain/content.h"

#include "domain/channel.h"
#include "upstream/compose.h"
#include "upstream/fetch.h"

static bool
on_head(void *cookie, const struct fetch_head *head)
{
	const struct content_sink *sink = cookie;
	return sink->head(sink->cookie,
	                  &(struct content_head){head->status, head->length, head->type, head->range});
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	const struct content_sink *sink = cookie;
	return sink->data(sink->cookie, bytes, len);
}

enum err_code
content_fetch(const struct channels *channels, struct arena *arena, const struct task *task,
              const char *range, const struct content_sink *sink)
{
	struct http_request request;
	struct content_sink copy = *sink;
	const struct fetch_sink inner = {.head = on_head, .data = on_data, .cookie = &copy};
	const struct channel *channel = channels_named(channels, task->channel);
	if (channel == NULL)
		return ERR_CONTENT_GONE;
	enum err_code err = compose_content(channel, task, arena, &request);
	if (err == ERR_OK)
		err = fetch_run(channel, &request, range, &inner);
	if (err == ERR_NOT_FOUND)
		return ERR_CONTENT_GONE;
	return err == ERR_FORBIDDEN ? ERR_UPSTREAM_FAILED : err;
}
