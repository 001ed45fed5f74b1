/* A group of users, who have its limits in common. Plain data; strings live as long as the arena it was
 * loaded into. */
#ifndef MODEL_GROUP_H
#define MODEL_GROUP_H

#include <stdint.h>

enum { GROUP_MULTIPLIER_ONE = 1000000 /* multiplier_ppm of a group that pays what the tariff says */ };

struct group {
	int64_t id;
	const char *name;
	int64_t multiplier_ppm; /* what its users pay of a price, in millionths */
	const char *models;     /* patterns (base/glob.h) of those that they may have made; "" = all */
	/* Each user's, where it has none of its own. */
	int64_t max_open;                              /* open tasks; 0 = any number, -1 = as configured */
	int64_t rate;                                  /* creations a minute; the same */
	int64_t budget_day, budget_week, budget_month; /* micro-units; -1 = no limit */
	int64_t created_at;                            /* ms since the epoch */
};

#endif
