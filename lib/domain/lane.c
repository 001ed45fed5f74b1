/* Lanes: first come, first served among equals, at most `width` at a time. Going may end at once, and so let
 * the next one go: that is a loop here and no recursion, as lines may be long. */
#include "domain/lane.h"

#include <stdlib.h>
#include <string.h>

#include "upstream/http.h"

struct line {
	struct lane_place *first, **end;
};

struct lane {
	struct lanes *lanes;
	struct lane *next;
	struct http *http;    /* NULL before somebody wants it */
	struct line lines[2]; /* the second is of those who go first */
	size_t inside[2];     /* how many of each are going or in line */
	size_t going;
	bool moving; /* somebody is being let go */
	char channel[];
};

struct lanes {
	struct loop *loop;
	struct lane *first;
	size_t width;
	bool hung_up;
};

struct lanes *
lanes_new(struct loop *loop, size_t width)
{
	struct lanes *lanes = calloc(1, sizeof(*lanes));
	if (lanes == NULL)
		return NULL;
	lanes->loop = loop;
	lanes->width = width;
	return lanes;
}

void
lanes_free(struct lanes *lanes)
{
	struct lane *lane, *next;
	if (lanes == NULL)
		return;
	lanes_hang_up(lanes);
	for (lane = lanes->first; lane != NULL; lane = next) {
		next = lane->next;
		free(lane);
	}
	free(lanes);
}

static struct lane *
find(const struct lanes *lanes, const char *channel)
{
	struct lane *lane = lanes->first;
	while (lane != NULL && strcmp(lane->channel, channel) != 0)
		lane = lane->next;
	return lane;
}

struct lane *
lanes_named(struct lanes *lanes, const char *channel)
{
	struct lane *lane = find(lanes, channel);
	if (lane != NULL)
		return lane;
	size_t size = strlen(channel) + 1;
	lane = calloc(1, sizeof(*lane) + size);
	if (lane == NULL)
		return NULL;
	memcpy(lane->channel, channel, size);
	lane->lanes = lanes;
	for (int i = 0; i < 2; i++)
		lane->lines[i].end = &lane->lines[i].first;
	lane->next = lanes->first;
	lanes->first = lane;
	return lane;
}

size_t
lanes_count(const struct lanes *lanes, const char *channel, bool first)
{
	const struct lane *lane = find(lanes, channel);
	return lane != NULL ? lane->inside[first] : 0;
}

/* Takes the next one out of the lines; NULL = nobody waits. */
static struct lane_place *
next_in(struct lane *lane)
{
	struct line *line = lane->lines[1].first != NULL ? &lane->lines[1] : &lane->lines[0];
	struct lane_place *place = line->first;
	if (place == NULL)
		return NULL;
	line->first = place->next;
	if (line->first == NULL)
		line->end = &line->first;
	return place;
}

static void
move(struct lane *lane)
{
	struct lane_place *place;
	if (lane->moving)
		return;
	lane->moving = true;
	while (lane->going < lane->lanes->width && (place = next_in(lane)) != NULL) {
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
lanes_hang_up(struct lanes *lanes)
{
	lanes->hung_up = true;
	for (struct lane *lane = lanes->first; lane != NULL; lane = lane->next) {
		struct http *http = lane->http;
		lane->http = NULL;
		http_free(http);
	}
}

void
lane_enter(struct lane *lane, struct lane_place *place)
{
	struct line *line = &lane->lines[place->first];
	place->lane = lane;
	place->next = NULL;
	*line->end = place;
	line->end = &place->next;
	lane->inside[place->first]++;
	move(lane);
}

struct http *
lane_http(const struct lane_place *place)
{
	struct lane *lane = place->lane;
	const struct lanes *lanes = lane->lanes;
	if (lane->http == NULL && !lanes->hung_up)
		lane->http = http_new(lanes->loop, lanes->width == SIZE_MAX ? 0 : (long)lanes->width);
	return lane->http;
}

void
lane_leave(struct lane_place *place)
{
	struct lane *lane = place->lane;
	lane->inside[place->first]--;
	lane->going--;
	move(lane);
}
