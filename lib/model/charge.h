/* Charges: what one attempt of a task costs its user, and how that stands. Plain data; strings live as long
 * as what holds them. Amounts in micro-units (base/amount.h), times in ms since the epoch. */
#ifndef MODEL_CHARGE_H
#define MODEL_CHARGE_H

#include <stdbool.h>
#include <stdint.h>

/* What an edge or an event of state.def means for the charge of the attempt. */
enum money {
	MONEY_HOLD,      /* one is made, at today's price */
	MONEY_KEEP,      /* it stays as it is */
	MONEY_RELEASE,   /* it is released: nothing was made */
	MONEY_GIVE_BACK, /* it is released, whatever was made */
	MONEY_SETTLE,   /* it is settled: the video is there; what was released before stays so, and is waived
	                 */
	MONEY_LINGER,   /* silence: it stays held for late_hold, and is then given back */
	MONEY_REVIVE,   /* it is held on, and lingers no longer */
	MONEY_CANCEL,   /* given back, or by its terms held until it is known whether that was in time */
	MONEY_IN_VAIN,  /* it is settled where it is still held: the job could not be stopped */
	MONEY_LAPSE,    /* its time is over: it ends as it lingers to */
	MONEY_CUT_SHORT /* it ends as it lingers to, before its time */
};

enum charge_state { CHARGE_NONE, CHARGE_HELD, CHARGE_SETTLED, CHARGE_RELEASED, CHARGE_STATE__MAX };

struct charge {
	int64_t id;
	int64_t task_id, attempt;
	int64_t user_id;
	int64_t api_key, group_id; /* 0 = by a login; no group */
	const char *model;         /* "" = none was named */
	const char *channel;
	const char *job;
	const char *size; /* "" = none was named */
	int64_t seconds;
	int64_t tariff_id, multiplier_ppm;
	bool cancel_charged; /* by the terms of its time a cancellation after the sending is paid for */
	int64_t late_hold;   /* … and silence keeps it held for so many ms */
	int64_t reserved, charged, refunded;
	int64_t cost;          /* -1 = not known */
	const char *cost_from; /* "tariff", "upstream"; NULL = not known */
	enum charge_state state;
	const char *reason; /* "complete", "fail", …, "waived"; NULL while it is held */
	const char
	    *outcome; /* "completed", "failed", "cancelled": how the attempt stood then; NULL likewise */
	int64_t linger_until; /* 0 = it does not linger */
	bool linger_settles;  /* where it lingers: it is settled then, not released */
	int64_t day;          /* that it counts for (base/window.h) */
	bool sunday;          /* weeks began on Sunday when it was made; written only */
	int64_t created_at, ended_at;
};

/* How a charge ends. */
struct charge_end {
	enum charge_state state; /* CHARGE_SETTLED, CHARGE_RELEASED */
	int64_t charged;         /* at most what is reserved; 0 where it is released */
	int64_t cost;            /* -1 = not known */
	bool cost_reported;      /* by the upstream; else it is of the channel's tariff */
	const char *reason, *outcome;
	int64_t now;
};

/* What clients see of a task's charge, that of its attempt. */
struct charge_shown {
	enum charge_state state; /* CHARGE_NONE = there is none */
	int64_t reserved, charged;
};

/* Returns "held", "settled", "released"; NULL for CHARGE_NONE. Lives for ever. */
const char *charge_state_word(enum charge_state state);

/* Returns the state of a word; CHARGE_NONE where there is none. */
enum charge_state charge_state_of(const char *word);

#endif
