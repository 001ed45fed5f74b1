/* GET /api/video/updates?cursor=C&wait=25[&videoId=…]
 *
 * Without cursor: the current cursor, at once. With one: the user's tasks that changed after it, as soon as
 * there are any; an empty page after `wait` seconds (also "Prefer: wait=25"; by default 25; more
 * than a minute is a minute). Errors: bad_field, bad_cursor, cursor_gone (start again at 0), task_not_found
 * for a videoId that is not the user's. Reads store_feed_head, then store_feed_since: in this order no change
 * is lost between them (see DESIGN). */
#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "base/buf.h"
#include "base/limits.h"
#include "domain/task/cursor.h"
#include "handlers.h"
#include "page.h"
#include "room.h"
#include "store/feed.h"
#include "wait.h"
#include "web/field.h"

enum { WAIT_PRESET = 25 };

struct poll_input {
	const char *cursor;
	const char *video_id;
	const char *wait;
};

static const struct field fields[] = {
    {"cursor", FIELD_LINE, offsetof(struct poll_input, cursor), .min = 1, .max = FEED_CURSOR_SIZE},
    {"videoId", FIELD_LINE, offsetof(struct poll_input, video_id), .min = 1, .max = IDS_VIDEO_SIZE - 1},
    {"wait", FIELD_LINE, offsetof(struct poll_input, wait), .min = 1, .max = LIMIT_WORD},
};

static struct err
answer_now(struct call *call, const struct buf *data)
{
	struct jsonw w = envelope_begin(call->reply);
	jsonw_raw(&w, "data", buf_str(data));
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}

/* Hands the call to the waiting room. */
static struct err
enter_room(struct call *call, const struct page_query *query, int64_t head, int64_t ms)
{
	struct waiter waiter = {
	    .user_id = query->user_id,
	    .links = query->links,
	    .place = query->place,
	    .looked = head,
	    .wait_ms = (int32_t)ms,
	};
	guard_token_hash(call->request, waiter.token);
	memcpy(waiter.video_id, query->video_id, strlen(query->video_id) + 1);
	if (!room_enter(call->program, call, &waiter))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

struct err
updates_poll(struct call *call)
{
	struct poll_input input = {0};
	struct err bad = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &input);
	int64_t ms = 0;
	if (bad.code == ERR_OK)
		bad = wait_read(call, input.wait, WAIT_PRESET, &ms);
	if (bad.code != ERR_OK)
		return bad;

	const char *epoch;
	int64_t head;
	enum err_code err = store_feed_head(call->store, call->arena, &epoch, &head);
	if (err != ERR_OK)
		return err_of(err);
	struct page_query query = {
	    .epoch = epoch,
	    .user_id = call->user->id,
	    .place = {head, head},
	    .links = call->links,
	    .video_id = input.video_id != NULL ? input.video_id : "",
	};
	struct buf *data = buf_in_arena(call->arena, LIMIT_REPLY);
	if (data == NULL)
		return err_of(ERR_NO_MEMORY);

	if (input.cursor == NULL) {
		page_write_empty(epoch, query.place, data);
		return answer_now(call, data);
	}
	err = feed_cursor_parse(input.cursor, epoch, head, &query.place);
	if (err != ERR_OK)
		return err_say(err, err == ERR_BAD_CURSOR ? "cursor" : NULL, "%s", "");

	bool empty;
	err = page_write(call->store, call->arena, &query, data, &empty);
	if (err != ERR_OK)
		return err_of(err);
	return empty && ms > 0 ? enter_room(call, &query, head, ms) : answer_now(call, data);
}
