/* Lists of channels that turned a task away: see turned_away.h. No name of a channel has a slash or a blank.
 */
#include "domain/channel/turned_away.h"

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
