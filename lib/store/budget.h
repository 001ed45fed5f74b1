/* Budgets: how much may be spent in a day, a week, a month and in all. What is used is computed from sums by
 * day, so that nothing has to be reset. Threads and errors as in store.h; amounts in micro-units. */
#ifndef STORE_BUDGET_H
#define STORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/window.h"

struct arena;
struct store;

enum budget_subject { BUDGET_USER, BUDGET_KEY, BUDGET_ALL, BUDGET_CHANNEL, BUDGET_SUBJECT__MAX };

enum { BUDGET_WHO = 24 /* bytes of a number as text */ };

struct budget_row {
	enum budget_subject subject;
	const char *who; /* the user's or the key's number, the channel's name; "" for all */
	enum window_kind window;
	int64_t amount;
	int64_t since; /* the number of the latest charge when it was set; not read by store_budget_set() */
	int64_t group_id; /* of its user's group: it is that of charges under it; 0 = of its own; likewise */
};

/* Whose budgets a creation must keep within. */
struct budget_owner {
	int64_t user_id;
	int64_t api_key;     /* 0 = none */
	const char *channel; /* NULL = none yet */
};

/* The budgets of an owner, as they were read; `owner.channel` NULL = of none yet. */
struct budget_list {
	struct budget_owner owner;
	struct budget_row *rows;
	size_t count;
};

/* What a user pays, by its group. */
struct payer {
	int64_t group_id; /* 0 = none */
	int64_t multiplier_ppm;
	int64_t budgets[WINDOW__MAX]; /* of each user of the group; -1 = none */
};

/* Returns "user", "key", "all", "channel". Lives for ever. */
const char *budget_subject_word(enum budget_subject subject);

/* Reads what the user pays. ERR_NOT_FOUND. */
enum err_code store_payer(struct store *store, int64_t user_id, struct payer *ret_payer);

/* Lists the budgets of the user, the key, the channel, and of all: an array in the arena. */
enum err_code store_budget_of(struct store *store, struct arena *arena, const struct budget_owner *owner,
                              struct budget_row **ret_rows, size_t *ret_count);

/* Lists the budgets of one subject, or where `who` is NULL, of all of its kind, likewise. */
enum err_code store_budget_list(struct store *store, struct arena *arena, enum budget_subject subject,
                                const char *who, struct budget_row **ret_rows, size_t *ret_count);

/* Sums up what is held and settled of a subject from one day to another (base/window.h). */
enum err_code store_budget_used(struct store *store, enum budget_subject subject, const char *who,
                                const struct window *window, int64_t *ret_used);

/* What counts of a subject for a day. */
struct budget_day {
	int64_t day; /* base/window.h */
	int64_t amount;
};

/* Lists what is held and settled of a subject, day by day: an array in the arena. */
enum err_code store_budget_days(struct store *store, struct arena *arena, enum budget_subject subject,
                                const char *who, struct budget_day **ret_days, size_t *ret_count);

/* Sums up what counts of the budget's subject in the window, of the charges up to the latest that had to keep
 * to the budget, which is 0 where none had to: no budget lets it be more than its amount. sunday: of a week,
 * those had to that were made when weeks began so. Looks at all charges since the budget was set; of a user
 * at its own. */
enum err_code store_budget_kept(struct store *store, const struct budget_row *row,
                                const struct window *window, bool sunday, int64_t *ret_used);

/* Lists the budgets that users have by their groups alone: an array in the arena. */
enum err_code store_budget_of_groups(struct store *store, struct arena *arena, struct budget_row **ret_rows,
                                     size_t *ret_count);

/* Sets a budget; amount -1 removes it. */
enum err_code store_budget_set(struct store *store, const struct budget_row *row);

#endif
