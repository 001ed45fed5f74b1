/* The cooldowns of a channel: see cooldowns.h. */
#include "cooldowns.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/channel.h"
#include "store/channel_model.h"

/* Adds one cooldown to the text. */
static const char *
add(struct arena *arena, const char *text, const char *what, int64_t until, const char *why)
{
	char time[CLOCK_TEXT_SIZE];

	if (text == NULL || until <= clock_wall_ms())
		return text;
	clock_text(until, time);
	return arena_printf(arena, "%s%s%s%s%s%s", text, *text != '\0' ? ", " : "", what,
	                    *what != '\0' ? " until " : "", time, why);
}

const char *
cooldowns_text(struct store *store, struct arena *arena, const char *channel)
{
	struct channel_health health;
	struct model_cooldown *models;
	size_t count;

	if (store_channel_health(store, channel, &health) != ERR_OK ||
	    store_channel_resting(store, arena, channel, clock_wall_ms(), &models, &count) != ERR_OK)
		return NULL;
	const char *why = health.account_failures > 0 ? " (the key or the balance)" : " (a probe)";
	const char *text = add(arena, "", "", health.cooldown_until, "");
	text = add(arena, text, "new work", health.account_until, why);
	text = add(arena, text, "polls", health.poll_until, "");
	for (size_t i = 0; i < count; i++)
		text = add(arena, text, *models[i].model != '\0' ? models[i].model : "what names no model",
		           models[i].until, models[i].throttled ? "" : " (it fails)");
	return text;
}
