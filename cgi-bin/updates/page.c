/* A page of updates as JSON. A task that changed several times comes once, in its latest state: the feed
 * keeps no history, only the revision of each task's last change. */
#include "page.h"

#include "api/task_view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "domain/task/waiting.h"
#include "store/feed.h"
#include "store/task.h"

static void
write_tombstone(struct jsonw *w, const struct task *task)
{
	jsonw_object(w, "payload");
	jsonw_string(w, "videoId", task->video_id);
	jsonw_bool(w, "deleted", true);
	jsonw_object_end(w);
}

static void
write_page(struct store *store, const struct page_query *query, const struct task *tasks, size_t count,
           bool more, struct buf *out)
{
	struct jsonw w;
	struct waiting_look look = {.store = store, .now = clock_wall_ms()};
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "updates");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		jsonw_string(&w, "type", "taskUpdate");
		jsonw_int(&w, "timestamp", tasks[i].updated_at);
		if (tasks[i].deleted)
			write_tombstone(&w, &tasks[i]);
		else
			task_view(&w, "payload", &tasks[i], query->links, &look);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	char cursor[FEED_CURSOR_SIZE];
	struct feed_place place = query->place;
	if (count > 0 && query->video_id[0] == '\0')
		place = (struct feed_place){.all = tasks[count - 1].rev, .one = tasks[count - 1].rev};
	else if (count > 0)
		place = (struct feed_place){.all = place.all, .one = tasks->rev, .id = tasks->id};
	feed_cursor_text(query->epoch, place, cursor);
	jsonw_string(&w, "cursor", cursor);
	jsonw_bool(&w, "more", more);
	jsonw_object_end(&w);
}

enum err_code
page_write(struct store *store, struct arena *arena, const struct page_query *query, struct buf *out,
           bool *ret_empty)
{
	struct task *tasks = NULL;
	size_t count = 0;
	bool more = false;
	enum err_code err;
	if (query->video_id[0] == '\0') {
		struct feed_window window = {query->user_id, query->place.all, LIMIT_FEED_PAGE,
		                             LIMIT_FEED_BYTES};
		err = store_feed_since(store, arena, &window, &tasks, &count, &more);
	} else {
		tasks = arena_alloc(arena, sizeof(*tasks));
		if (tasks == NULL)
			return ERR_NO_MEMORY;
		err = store_task_find(store, arena, query->user_id, query->video_id, tasks);
		if (err == ERR_NOT_FOUND)
			err = ERR_TASK_NOT_FOUND;
		/* The cursor may come from a poll for another task. */
		int64_t seen =
		    err == ERR_OK && query->place.id == tasks->id ? query->place.one : query->place.all;
		count = err == ERR_OK && tasks->rev > seen ? 1 : 0;
	}
	if (err != ERR_OK)
		return err;
	write_page(store, query, tasks, count, more, out);
	*ret_empty = count == 0;
	return out->failed ? ERR_NO_MEMORY : ERR_OK;
}

void
page_write_empty(const char *epoch, struct feed_place place, struct buf *out)
{
	write_page(NULL, &(struct page_query){.epoch = epoch, .place = place}, NULL, 0, false, out);
}
