/* Lanes: whoever wants to talk to an upstream that is talked to over a limited number of connections stands
 * in line for one of them. One lane with an HTTP client of its own for each channel, so that a slow upstream
 * holds nobody else up, be it at the same host. They belong to the loop's thread. */
#ifndef DOMAIN_LANE_H
#define DOMAIN_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct lane;
struct lanes;
struct loop;

/* One who wants to go: the caller's memory, which stays until he has left. */
struct lane_place {
	struct lane_place *next; /* the lane's business, as the lane itself */
	struct lane *lane;
	bool first; /* goes before all who are not */
	void (*go)(void *cookie);
	void *cookie;
};

/* Lanes of `width` connections each. NULL when memory is short. */
struct lanes *lanes_new(struct loop *loop, size_t width);

/* Frees them; nobody may stand in line. NULL is fine. */
void lanes_free(struct lanes *lanes);

/* Has all who stand in line go at once, and from now on all who come: for a stop, when going means to give
 * up. */
void lanes_open_wide(struct lanes *lanes);

/* Ends all that is under way, as http_free(): nothing more can be sent. */
void lanes_hang_up(struct lanes *lanes);

/* The lane of the channel; it lasts as long as the lanes. The name is copied. NULL when memory is short. */
struct lane *lanes_named(struct lanes *lanes, const char *channel);

/* How many are in the lane of the channel, going or in line: those who go first, or the others. */
size_t lanes_count(const struct lanes *lanes, const char *channel, bool first);

/* Stands in line: `go` is called when it is his turn, perhaps before this returns. */
void lane_enter(struct lane *lane, struct lane_place *place);

/* The client for what he who goes has to say; NULL when memory is short, or after lanes_hang_up(). */
struct http *lane_http(const struct lane_place *place);

/* He who went makes room for the next, who goes before this returns (or, where this is called inside of a
 * go(), soon after that). */
void lane_leave(struct lane_place *place);

#endif
