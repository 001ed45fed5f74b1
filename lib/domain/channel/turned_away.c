/* Lists of channels that turned a task away: see turned_away.h. No name of a channel has a slash or a blank.
 */
#include "domain/channel/turned_away.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const char *const words[] = {
    [TURNED_AWAY_ACCOUNT] = "account/", [TURNED_AWAY_MODEL] = "model/", [TURNED_AWAY_LATER] = "later/"};

bool
turned_away_by(const char *list, enum turned_away why, const char *channel)
{
	size_t word = strlen(words[why]), name = strlen(channel), len;
	for (const char *p = list; p != NULL && *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (len == word + name && memcmp(p, words[why], word) == 0 &&
		    memcmp(p + word, channel, name) == 0)
			return true;
	}
	return false;
}

const char *
turned_away_add(struct arena *arena, const char *list, enum turned_away why, const char *channel)
{
	if (turned_away_by(list, why, channel))
		return list;
	return list == NULL || *list == '\0' ? arena_printf(arena, "%s%s", words[why], channel)
	                                     : arena_printf(arena, "%s %s%s", list, words[why], channel);
}

const char *
turned_away_without(struct arena *arena, const char *list, enum turned_away why)
{
	size_t word = strlen(words[why]), len;
	const char *left = "";
	for (const char *p = list; p != NULL && *p != '\0' && left != NULL; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (strncmp(p, words[why], word) != 0)
			left = arena_printf(arena, "%s%s%.*s", left, *left != '\0' ? " " : "", (int)len, p);
	}
	return left;
}

/* ---- waits that were asked for ---- */

static const char until_word[] = "until/";

/* The end of the wait in the entry; 0 = it is none, or it is over at `now`. */
static int64_t
wait_in(const char *entry, size_t len, int64_t now)
{
	char *end;
	size_t word = sizeof(until_word) - 1;
	if (len < word || memcmp(entry, until_word, word) != 0)
		return 0;
	const char *slash = memchr(entry + word, '/', len - word);
	if (slash == NULL)
		return 0;
	int64_t from = strtoll(slash + 1, &end, 10), until = *end == '/' ? strtoll(end + 1, &end, 10) : 0;
	return from <= now && now < until ? until : 0;
}

static bool
names(const char *entry, size_t len, const char *channel)
{
	size_t word = sizeof(until_word) - 1, name = strlen(channel);
	return len > word + name && memcmp(entry + word, channel, name) == 0 && entry[word + name] == '/';
}

int64_t
turned_away_until(const char *list, const char *channel, int64_t now)
{
	size_t len;
	for (const char *p = list; p != NULL && *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		int64_t until = wait_in(p, len, now);
		if (until > 0 && names(p, len, channel))
			return until;
	}
	return 0;
}

/* The list without the waits that end by that time, and without those of the channel (NULL = of none). */
static const char *
without(struct arena *arena, const char *list, int64_t time, const char *channel)
{
	const char *left = "";
	size_t len;
	for (const char *p = list; p != NULL && *p != '\0' && left != NULL; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		bool is_wait = strncmp(p, until_word, sizeof(until_word) - 1) == 0;
		bool over = wait_in(p, len, time) == 0 || (channel != NULL && names(p, len, channel));
		if (!is_wait || !over)
			left = arena_printf(arena, "%s%s%.*s", left, *left != '\0' ? " " : "", (int)len, p);
	}
	return left;
}

const char *
turned_away_add_until(struct arena *arena, const char *list, const char *channel, int64_t now, int64_t until)
{
	int64_t before = turned_away_until(list, channel, now);
	const char *left = without(arena, list, now, channel);
	return left != NULL
	           ? arena_printf(arena, "%s%s/%" PRId64 "/%" PRId64 "%s%s", until_word, channel, now,
	                          before > until ? before : until, *left != '\0' ? " " : "", left)
	           : NULL;
}

const char *
turned_away_from(struct arena *arena, const char *list, int64_t time)
{
	return without(arena, list, time, NULL);
}
