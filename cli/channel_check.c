/* Checks channels: profile, key, upstream, in this order. The first fault of a channel is reported in one
 * sentence; what follows it cannot be known. */
#include "channel_check.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "cooldowns.h"
#include "findings.h"
#include "channel_models.h"
#include "domain/channel/channels.h"
#include "domain/channel/snapshot.h"
#include "domain/webhook/signature.h"
#include "store/channel.h"
#include "model/answer.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"

enum { UPSTREAM_TIMEOUT_MS = 15000, UNAUTHORIZED = 401, FORBIDDEN = 403, NOT_ALLOWED = 405, TOO_MANY = 429 };

struct asked {
	struct arena *arena;
	struct loop *loop;
	const struct channel_check *check;
	const struct channel *channel;
	bool missing; /* the call asks about a job that does not exist */
	bool good;
	const char *todo; /* about the fault; NULL: it says so itself */
};

/* Says the line of a channel, and what is to be done, or NULL. Returns `good`. */
static bool
report(const struct channel_check *check, bool good, const char *name, const char *text, const char *todo)
{
	return findings_say(check->out, good ? FINDING_OK : FINDING_BAD, name, text, todo);
}

/* The upstream's words beside its status, cut, on one line; ret_key: they are about the key or the account.
 */
static const char *
words_of(struct asked *q, const struct http_response *response, bool *ret_key)
{
	struct submit_answer answer;
	answer_submit(q->channel->dialect, response, NULL, q->arena, &answer);
	*ret_key = answer.verdict == SUBMIT_NO_ACCOUNT;
	const char *words = answer_without_key(q->channel, answer.message);
	return words != NULL ? words : "";
}

static bool
is_json(const struct http_response *response)
{
	const char *body = response->body + strspn(response->body, "\xef\xbb\xbf \t\r\n");
	return *body == '{' || *body == '[';
}

/* True where the upstream's words are about the key: some tell a wrong one by a 400. */
static bool
blames_key(const char *words)
{
	return strcasestr(words, "key") != NULL || strcasestr(words, "auth") != NULL ||
	       strcasestr(words, "token") != NULL;
}

/* Notes what is to be done about the fault, which it returns. */
static const char *
with_todo(struct asked *q, const char *fault, const char *todo)
{
	q->todo = todo;
	return fault;
}

/* What the answer shows: NULL where the channel can be used, else the fault. */
static const char *
fault_of_answer(struct asked *q, const struct http_response *response)
{
	static const char new_key[] = "give it a key that the provider takes: longreel setup, or longreel "
	                              "channel set NAME --key-file FILE";
	int status = response->status;
	bool key = false;
	if (response->end != HTTP_ANSWERED)
		return with_todo(q, arena_printf(q->arena, "cannot be reached: %s", response->why),
		                 "see whether its address is right, and whether this machine gets there");
	if (status == UNAUTHORIZED || status == FORBIDDEN)
		return with_todo(
		    q, arena_printf(q->arena, "answers, but refuses the key (status %d)", status), new_key);
	if (!is_json(response))
		return arena_printf(q->arena, "answers, but not in JSON (status %d): is its base right?",
		                    status);
	const char *words = words_of(q, response, &key);
	if (key) /* some tell a wrong one by a 400, or inside a 200 */
		return with_todo(q,
		                 arena_printf(q->arena,
		                              "answers, but refuses the key or the account (status %d): %s",
		                              status, words),
		                 new_key);
	if (status >= 200 && status < 300)
		return NULL;
	if (q->missing && status >= 400 && status < 500 && status != TOO_MANY && status != NOT_ALLOWED &&
	    !blames_key(words))
		return NULL;
	return arena_printf(q->arena, "answers, but refuses the call (status %d): %s", status, words);
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct asked *q = cookie;
	const char *text = fault_of_answer(q, response);
	q->good = text == NULL;
	if (q->good)
		text = q->missing ? "answers about a job that does not exist, and has not refused the key"
		                  : "answers, and takes the key";
	report(q->check, q->good, q->channel->name, text, q->todo);
	loop_stop(q->loop);
}

static bool
ask_upstream(const struct channel_check *check, const struct channel *channel, struct arena *arena)
{
	struct http_request request;
	struct asked q = {.arena = arena, .check = check, .channel = channel, .loop = loop_new()};
	struct http *http = q.loop ? http_new(q.loop, 1) : NULL;

	bool composed = compose_check(channel, arena, &request, &q.missing) == ERR_OK;
	if (composed)
		request.timeout_ms = UPSTREAM_TIMEOUT_MS;
	if (composed && http != NULL && http_start(http, &request, on_answer, &q))
		loop_run(q.loop);
	else
		report(check, false, channel->name, NULL, NULL);
	http_free(http);
	loop_free(q.loop);
	return q.good;
}

/* The fault of a channel's profile, offers or key, or NULL. */
static const char *
fault_of(const struct channel_check *check, const struct channel_row *row, struct arena *arena)
{
	char why[512] = "not enough memory";
	const char *shipped = dialect_shipped_dir(arena);
	struct dialect *dialect =
	    shipped ? dialect_load_for(check->config->data, shipped, row->dialect, why, sizeof(why)) : NULL;

	if (dialect == NULL)
		return arena_strdup(arena, why);
	dialect_free(dialect);
	struct dialect_offers offers;
	const char *path = arena_printf(arena, CHANNEL_OFFERS, check->config->data, row->name);
	enum err_code err =
	    path ? dialect_load_offers(arena, path, &offers, why, sizeof(why)) : ERR_NO_MEMORY;
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return arena_strdup(arena, why);
	for (size_t i = 0; i < row->key_count; i++)
		if (!secret_read(arena, row->keys[i], why, sizeof(why)))
			return arena_printf(arena, "%s cannot be used: %s",
			                    i == 0 ? "its key" : "an earlier key, for what was made with it,",
			                    why);
	return NULL;
}

/* The fault of the secret of a channel's webhooks, or NULL. */
static const char *
webhook_fault(const char *source, struct arena *arena)
{
	char why[512] = SIGNATURE_BAD_SECRET;
	const char *secret = secret_read(arena, source, why, sizeof(why));
	return secret && signature_secret_good(secret)
	           ? NULL
	           : arena_printf(arena, "the secret of its webhooks cannot be used: %s", why);
}

/* Says what of the channel cools down. */
static void
tell_cooldowns(const struct channel_check *check, const char *name, struct arena *arena)
{
	const char *text = check->store != NULL ? cooldowns_text(check->store, arena, name) : "";
	if (text != NULL && *text != '\0')
		findings_say(check->out, FINDING_WAIT, name, arena_printf(arena, "cools down: %s", text),
		             NULL);
}

/* Checks the channel of that name by asking its upstream, and names the models that this lists where the
 * check asks for them. */
static bool
ask_named(const struct channel_check *check, struct channels *channels, const char *name, struct arena *arena)
{
	const struct channel *channel = channels_find(channels, name);
	const char *fault = channel == NULL           ? "cannot be used"
	                    : channel->webhook_secret ? webhook_fault(channel->webhook_secret, arena)
	                                              : NULL;
	bool good = fault ? report(check, false, name, fault, NULL) : ask_upstream(check, channel, arena);

	if (good && check->models)
		channel_models(channel, check->out, arena);
	tell_cooldowns(check, name, arena);
	channel_release(channel);
	return good;
}

const char *
channel_fault(const struct channel_check *check, struct arena *arena)
{
	struct channel_row *rows;
	size_t count;

	if (store_channels_all(check->store, arena, &rows, &count) != ERR_OK)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (rows[i].base && strcmp(rows[i].name, check->name) == 0)
			return fault_of(check, &rows[i], arena);
	return NULL;
}

/* Checks the channels of the database that were asked for, and counts them in `seen`. */
static bool
check_rows(const struct channel_check *check, struct channels *channels, struct arena *arena, size_t *seen)
{
	struct channel_row *rows;
	size_t count;
	bool good = true;

	enum err_code err = store_channels_all(check->store, arena, &rows, &count);
	if (err != ERR_OK)
		return report(check, false, "channels", err_text(err, "en"), NULL);
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].base || strcmp(rows[i].name, CHANNEL_DEFAULT) == 0 ||
		    (check->name && strcmp(rows[i].name, check->name) != 0))
			continue;
		const char *fault = fault_of(check, &rows[i], arena);
		good = (fault ? report(check, false, rows[i].name, fault, NULL)
		              : ask_named(check, channels, rows[i].name, arena)) &&
		       good;
		++*seen;
	}
	return good;
}

bool
channel_check(const struct channel_check *check, struct arena *arena)
{
	char why[512] = "not enough memory";
	bool good = true, preset = check->config->upstream_base[0] != '\0' &&
	                           (!check->name || strcmp(check->name, CHANNEL_DEFAULT) == 0);
	size_t seen = preset;

	struct channels *channels = channels_open_installed(check->config, why, sizeof(why));
	if (channels == NULL)
		return report(check, false, CHANNEL_DEFAULT, why, NULL);
	if (check->store)
		channels_refresh(channels, check->store);
	if (preset)
		good = ask_named(check, channels, CHANNEL_DEFAULT, arena);
	if (check->store)
		good = check_rows(check, channels, arena, &seen) && good;
	channels_close(channels);
	if (seen == 0 && check->name)
		return report(check, false, check->name, "there is no such channel",
		              "longreel channel list names them");
	if (seen == 0)
		return report(check, true, "upstream",
		              "no channel seen here: tasks are refused, unless serve has one from its "
		              "environment or --simulator",
		              "longreel setup, or longreel channel add");
	return good;
}
