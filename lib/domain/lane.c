/* Lanes: first come, first served, at most `width` at a time. Going may end at once, and so let the next one
 * go: that is a loop here and no recursion, as lines may be long. */
#include "domain/lane.h"

#include <stdlib.h>
#include <string.h>

struct lane {
	struct lanes *lanes;
	struct lane *next;
	struct lane_place *first, **end;
	size_t going;
	bool moving; /* somebody is being let go */
	char channel[];
};

struct lanes {
	struct lane *first;
	size_t width;
};

struct lanes *
lanes_new(size_t width)
{
	struct lanes *lanes = calloc(1, sizeof(*lanes));
	if (lanes != NULL)
		lanes->width = width;
	return lanes;
}

void
lanes_free(struct lanes *lanes)
{
	struct lane *lane, *next;
	if (lanes == NULL)
		return;
	for (lane = lanes->first; lane != NULL; lane = next) {
		next = lane->next;
		free(lane);
	}
	free(lanes);
}

struct lane *
lanes_named(struct lanes *lanes, const char *channel)
{
	struct lane *lane = lanes->first;
	while (lane != NULL && strcmp(lane->channel, channel) != 0)
		lane = lane->next;
	if (lane != NULL)
		return lane;
	size_t size = strlen(channel) + 1;
	lane = calloc(1, sizeof(*lane) + size);
	if (lane == NULL)
		return NULL;
	memcpy(lane->channel, channel, size);
	lane->lanes = lanes;
	lane->end = &lane->first;
	lane->next = lanes->first;
	lanes->first = lane;
	return lane;
}

static void
move(struct lane *lane)
{
	if (lane->moving)
		return;
	lane->moving = true;
	while (lane->first != NULL && lane->going < lane->lanes->width) {
		struct lane_place *place = lane->first;
		lane->first = place->next;
		if (lane->first == NULL)
			lane->end = &lane->first;
		lane->going++;
		place->go(place->cookie);
	}
	lane->moving = false;
}

void
lanes_open_wide(struct lanes *lanes)
{
	lanes->width = SIZE_MAX;
	for (struct lane *lane = lanes->first; lane != NULL; lane = lane->next)
		move(lane);
}

void
lane_enter(struct lane *lane, struct lane_place *place)
{
	place->next = NULL;
	*lane->end = place;
	lane->end = &place->next;
	move(lane);
}

void
lane_leave(struct lane *lane)
{
	lane->going--;
	move(lane);
}
