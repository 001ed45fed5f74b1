/* The models that an upstream lists. What it does not list is told and is no fault: some lists leave out what
 * is new, or what has another name there. */
#include "channel_models.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/loop.h"
#include "findings.h"
#include "model/answer.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"

enum { TIMEOUT_MS = 15000, NAMES_SHOWN = 100, LINE_MOST = 64 * 1024 };

struct asked {
	const struct channel *channel;
	struct arena *arena;
	struct findings *out;
	struct loop *loop;
	struct models_answer answer;
};

/* Names on one line, behind what they are. */
struct line {
	const char *what;
	struct buf *text; /* NULL = memory was short */
	size_t count;
};

static struct line
line_of(const char *what, struct arena *arena)
{
	return (struct line){.what = what, .text = buf_in_arena(arena, LINE_MOST)};
}

static void
add_name(struct line *line, const char *name)
{
	if (line->text != NULL && line->count < NAMES_SHOWN)
		buf_addf(line->text, "%s%s%s", line->count == 0 ? line->what : "",
		         line->count == 0 ? ": " : ", ", name);
	line->count++;
}

/* Notes the line, where there are names. */
static void
end_line(const struct asked *q, const struct line *line)
{
	if (line->count == 0)
		return;
	if (line->text != NULL && line->count > NAMES_SHOWN)
		buf_addf(line->text, " and %zu more", line->count - NAMES_SHOWN);
	bool whole = line->text != NULL && !line->text->failed;
	findings_say(q->out, FINDING_NOTE, q->channel->name, whole ? buf_str(line->text) : NULL, NULL);
}

static bool
has(const struct models_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->count; i++)
		if (strcmp(answer->names[i], name) == 0)
			return true;
	return false;
}

static void
compare(const struct asked *q)
{
	const struct channel *channel = q->channel;
	struct line listed = line_of("models there", q->arena);
	struct line lacking = line_of(
	    channel->model_count > 0 ? "listed for the channel, not there" : "offered, not there", q->arena);
	size_t count;
	const struct dialect_offer *offers = channel_offers(channel, &count);
	for (size_t i = 0; i < q->answer.count; i++)
		add_name(&listed, q->answer.names[i]);
	end_line(q, &listed);
	for (size_t i = 0; i < channel->model_count; i++)
		if (!has(&q->answer, channel->models[i].theirs))
			add_name(&lacking, channel->models[i].theirs);
	for (size_t i = 0; i < count && channel->model_count == 0; i++)
		if (!has(&q->answer, offers[i].name))
			add_name(&lacking, offers[i].name);
	end_line(q, &lacking);
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct asked *q = cookie;
	answer_models(q->channel, response, q->arena, &q->answer);
	loop_stop(q->loop);
}

void
channel_models(const struct channel *channel, struct findings *out, struct arena *arena)
{
	struct http_request request;
	struct asked q = {.channel = channel, .arena = arena, .out = out};
	if (compose_models(channel, arena, &request) != ERR_OK)
		return;
	q.loop = loop_new();
	q.answer.why = "not enough memory";
	struct http *http = q.loop ? http_new(q.loop, 1) : NULL;
	request.timeout_ms = TIMEOUT_MS;
	if (http != NULL && http_start(http, &request, on_answer, &q))
		loop_run(q.loop);
	http_free(http);
	loop_free(q.loop);
	if (q.answer.why != NULL)
		findings_say(out, FINDING_NOTE, channel->name,
		             arena_printf(arena, "its models are not known: %s", q.answer.why), NULL);
	else if (q.answer.count == 0)
		findings_say(out, FINDING_NOTE, channel->name, "it lists no models", NULL);
	else
		compare(&q);
}
