/* The models that an upstream lists. What it does not list is told and is no fault: some lists leave out what
 * is new, or what has another name there. */
#include "channel_models.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/loop.h"
#include "model/answer.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"

enum { TIMEOUT_MS = 15000, NAMES_SHOWN = 100 };

struct asked {
	const struct channel *channel;
	struct arena *arena;
	struct loop *loop;
	struct models_answer answer;
};

/* Names printed on one line, behind what they are. */
struct line {
	const char *channel, *what;
	size_t count;
};

static void
print_name(struct line *line, const char *name)
{
	if (line->count == 0)
		printf("%-5s %-14s %s: ", "", line->channel, line->what);
	if (line->count < NAMES_SHOWN)
		printf("%s%s", line->count > 0 ? ", " : "", name);
	line->count++;
}

static void
end_line(const struct line *line)
{
	if (line->count > NAMES_SHOWN)
		printf(" and %zu more", line->count - NAMES_SHOWN);
	if (line->count > 0)
		putchar('\n');
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
	struct line listed = {channel->name, "models there", 0}, lacking = {channel->name, "", 0};
	size_t count;
	const struct dialect_offer *offers = channel_offers(channel, &count);
	for (size_t i = 0; i < q->answer.count; i++)
		print_name(&listed, q->answer.names[i]);
	end_line(&listed);
	lacking.what = channel->model_count > 0 ? "listed for the channel, not there" : "offered, not there";
	for (size_t i = 0; i < channel->model_count; i++)
		if (!has(&q->answer, channel->models[i].theirs))
			print_name(&lacking, channel->models[i].theirs);
	for (size_t i = 0; i < count && channel->model_count == 0; i++)
		if (!has(&q->answer, offers[i].name))
			print_name(&lacking, offers[i].name);
	end_line(&lacking);
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct asked *q = cookie;
	answer_models(q->channel, response, q->arena, &q->answer);
	loop_stop(q->loop);
}

void
channel_models(const struct channel *channel, struct arena *arena)
{
	struct http_request request;
	struct asked q = {.channel = channel, .arena = arena};
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
		printf("%-5s %-14s its models are not known: %s\n", "", channel->name, q.answer.why);
	else if (q.answer.count == 0)
		printf("%-5s %-14s it lists no models\n", "", channel->name);
	else
		compare(&q);
}
