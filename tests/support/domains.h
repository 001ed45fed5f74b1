/* The surroundings of the verbs of lib/domain, for one test: a database, an upstream that follows a script, a
 * loop and a client. Every function fails the test rather than return an error. */
#ifndef SUPPORT_DOMAINS_H
#define SUPPORT_DOMAINS_H

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "domain/task/create.h"
#include "domain/env.h"
#include "model/channel_health.h"
#include "store/engine/engine.h"
#include "support/fake_upstream.h"
#include "support/stores.h"

struct domains {
	struct stores *s;
	struct fake_upstream *fake; /* NULL = nothing listens at the channel's address */
	int deaf;                   /* the socket that keeps that address ours */
	char base[64];
	struct config config; /* may be changed by the test */
	struct channels *channels;
	struct domain_env env;
	struct store *other; /* of another process, that is about to write what follows */
	const char *meanwhile_base, *meanwhile_key;
	struct engine engine; /* our store's, which lets it do so before a transaction begins */
};

/* The channel "default" of dialect sora leads to an upstream that follows the steps; none = connections are
 * refused. */
struct domains *domains_new(const struct fake_step *steps, size_t count);

/* The same with a channel of another dialect. */
struct domains *domains_new_as(const char *dialect, const struct fake_step *steps, size_t count);

/* Makes the channel anew, after a change of the configuration. */
void domains_configure(struct domains *d);

/* Puts the channel "x" into the database, with that base and a key at `key` (NULL = none), and looks at it; a
 * base of NULL takes it away again. */
void domains_channel(struct domains *d, const char *base, const char *key);

/* The same by another process, just before our next transaction begins; nothing reads it. The strings must
 * stay. */
void domains_channel_meanwhile(struct domains *d, const char *base, const char *key);

/* Sets the width of the queues; they must be empty. */
void domains_queues(struct domains *d, size_t width);

/* Ends all that is under way upstream, as a stop does. */
void domains_hang_up(struct domains *d);

/* Ends what is under way and removes everything. */
void domains_free(struct domains *d);

/* Adds a task in that state, made just now: under the lease of the environment's owner, and with the
 * upstream's id "up-1" unless it is READY or SENDING. */
struct task domains_task(struct domains *d, const char *video_id, enum task_state state);

/* Adds running tasks that are due, under no lease and with an hour to go, by the names "r0", "r1", … here and
 * upstream. */
void domains_running(struct domains *d, int count);

/* Gives the task, and its row, another deadline. */
void domains_deadline(struct domains *d, struct task *task, int64_t deadline_at);

/* The clock was set an hour forward, and no process has noticed: the times in the database have not moved. */
void domains_clock_set(struct domains *d);

/* Moves them. */
void domains_clock_move(struct domains *d);

/* Creates the tasks of these orders together, in the arena of `d`. */
void domains_create_all(struct domains *d, struct create_order *orders, size_t count);

/* Creates a task, which ends as expected. */
struct create_order
domains_create(struct domains *d, const struct create_input *input, enum err_code expected);

/* Counts the tasks of all users. */
int64_t domains_count(struct domains *d);

/* The health of the channel "default", read and written. */
struct channel_health domains_health(struct domains *d);
void domains_set_health(struct domains *d, struct channel_health health);

#endif
