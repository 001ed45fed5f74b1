/* A simulation of turns: an upstream that makes two jobs at a time, users before it, and their tasks. Its
 * time is counted in submissions. Every function fails the test rather than return an error. */
#ifndef SUPPORT_TURN_SIM_H
#define SUPPORT_TURN_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/task.h"
#include "support/domains.h"

enum { CONCURRENCY = 2, SENT_MOST = 8192, DAY = 24 * 3600 * 1000 };

struct sim {
	struct domains *d;
	int64_t created;               /* tasks */
	size_t sent;                   /* submissions */
	struct task order[SENT_MOST];  /* … of these; their strings are gone */
	char models[SENT_MOST];        /* the first letter of each one's model */
	struct task jobs[CONCURRENCY]; /* under way; id 0 = none */
};

/* Makes a simulation with the channel "c", and three thousand users; for cmocka. */
int sim_setup(void **state);
int sim_teardown(void **state);

void sim_begin(struct sim *sim);
void sim_commit(struct sim *sim);

/* Adds a channel, or changes its limit. */
void sim_channel(struct sim *sim, const char *name, int64_t concurrency);

/* Nothing goes to the channel. */
void sim_rest(struct sim *sim, const char *name);

/* A model cools down at the channel "c", or does not. */
void sim_cool(struct sim *sim, const char *model, bool cools);

/* It cools down for one user alone. */
void sim_cool_for(struct sim *sim, const char *model, int64_t user_id);

/* The id of a user by number, from 0. */
int64_t sim_user(int64_t i);

/* Adds a waiting task of the user, as old as those before it: of a model, or of none. */
struct task sim_queue_of(struct sim *sim, int64_t user_id, const char *model);
struct task sim_queue(struct sim *sim, int64_t user_id);

/* Adds `each` waiting tasks of each of the first `users`, past the verbs, which would take long. */
void sim_crowd(struct sim *sim, int64_t users, int64_t each);

/* Counts the users in the line of the channel "c". */
int64_t sim_in_line(struct sim *sim);

/* Goes on until so many submissions more, or until there is nothing to do. */
void sim_go_on(struct sim *sim, size_t submissions);

/* How many submissions it took until the task was sent, counted from `since`; 0 = it was not. */
size_t sim_wait_of(struct sim *sim, const struct task *task, size_t since);

/* Finds whose turn it is, and undoes it; a task must be due. For raw_cost(). */
void sim_claim_one(void *sim);

#endif
