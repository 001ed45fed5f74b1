/* Lanes: whoever wants to talk to an upstream that is talked to over a limited number of connections stands
 * in line for one of them. One lane for each channel, so that a slow upstream holds nobody else up. They
 * belong to the loop's thread. */
#ifndef DOMAIN_LANE_H
#define DOMAIN_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lanes;
struct lane;

/* One who wants to go: the caller's memory, which stays until he has left. */
struct lane_place {
	struct lane_place *next; /* the lane's business */
	void (*go)(void *cookie);
	void *cookie;
};

/* Lanes of `width` connections each. NULL when memory is short. */
struct lanes *lanes_new(size_t width);

/* Frees them; nobody may stand in line. NULL is fine. */
void lanes_free(struct lanes *lanes);

/* Has all who stand in line go at once, and from now on all who come: for a stop, when going means to give
 * up. */
void lanes_open_wide(struct lanes *lanes);

/* The lane of the channel; it lasts as long as the lanes. The name is copied. NULL when memory is short. */
struct lane *lanes_named(struct lanes *lanes, const char *channel);

/* Stands in line: `go` is called when it is his turn, perhaps before this returns. */
void lane_enter(struct lane *lane, struct lane_place *place);

/* He who went makes room for the next, who goes before this returns (or, where this is called inside of a
 * go(), soon after that). */
void lane_leave(struct lane *lane);

#endif
