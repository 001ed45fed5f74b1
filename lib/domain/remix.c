/* What a remix has of its source. The lineage stands twice: as columns, for the tree, and in metadata, for
 * the clients that know it from there. */
#include "domain/remix.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "domain/channel.h"
#include "upstream/dialect.h"

enum { LINEAGE_MOST = 2 * LIMIT_UPSTREAM_ID + 256 /* bytes of our three members; an id may be escaped */ };

enum err_code
remix_channel(const struct channels *channels, const struct task *source, const struct channel **ret_channel)
{
	if (source->external_id == NULL)
		return ERR_NO_EXTERNAL_ID;
	if (source->state != TASK_STATE_COMPLETED)
		return ERR_NOT_COMPLETED;
	const struct channel *channel = channels_named(channels, source->channel);
	if (channel == NULL)
		return ERR_NO_CHANNEL;
	if (!dialect_can_remix(channel->dialect))
		return ERR_UNSUPPORTED;
	*ret_channel = channel;
	return ERR_OK;
}

/* The client's object `metadata`, compact as we store it, with our members before its own. */
static const char *
with_lineage(struct arena *arena, const struct task *source, const char *metadata)
{
	struct buf text;
	struct jsonw w;
	buf_init(&text, LINEAGE_MOST + LIMIT_METADATA);
	jsonw_init(&w, &text);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "type", "remix");
	jsonw_string(&w, "remix_from", source->video_id);
	jsonw_string(&w, "remix_from_external", source->external_id);
	if (strcmp(metadata, "{}") != 0)
		buf_addf(&text, ",%.*s", (int)strlen(metadata) - 2, metadata + 1);
	jsonw_object_end(&w);
	const char *copy = text.failed ? NULL : arena_strdup(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

enum err_code
remix_inherit(struct arena *arena, const struct task *source, struct task *task)
{
	const char *metadata = with_lineage(arena, source, task->metadata);
	if (metadata == NULL)
		return ERR_NO_MEMORY;
	task->metadata = metadata;
	task->size = source->size;
	task->seconds = source->seconds;
	task->aspect_ratio = source->aspect_ratio;
	task->model = task->model != NULL ? task->model : source->model;
	task->parent_id = source->id;
	task->root_id = source->root_id != 0 ? source->root_id : source->id;
	task->source_external_id = source->external_id;
	return ERR_OK;
}
