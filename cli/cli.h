/* What the subcommands share: the command line once it is understood, messages for the person who typed it,
 * and the way to the store. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "store/store.h"

struct arena;

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_MISUSED = 2 }; /* exit codes */

/* A command line. What was not given is NULL, false, or the value named here. */
struct cli_call {
	const char *data; /* never NULL: --data, or else LONGREEL_DATA */
	const char *listen;
	int port; /* -1 = not given */
	bool simulator;
	bool cgi;
	const char *email;
	bool admin;
	const char *status;
	const char *user;
	const char *name;
	int days;         /* -1 = not given */
	int limit;        /* -1 = not given, as the numbers below */
	const char *base; /* of a channel, as all that follow */
	const char *dialect, *models, *key_file, *key_env, *webhook_secret_file;
	bool has_priority;
	int priority, weight, concurrency, rate;
	int idempotency, private; /* 0, 1 or -1 */
	char *const *operands;    /* as many as the command has; one that may be left out is NULL then */
};

/* The subcommands; each returns the exit code. */
int cli_serve(const struct cli_call *call);
int cli_user_add(const struct cli_call *call);
int cli_user_list(const struct cli_call *call);
int cli_user_passwd(const struct cli_call *call);
int cli_user_disable(const struct cli_call *call);
int cli_user_enable(const struct cli_call *call);
int cli_key_create(const struct cli_call *call);
int cli_key_list(const struct cli_call *call);
int cli_key_revoke(const struct cli_call *call);
int cli_task_list(const struct cli_call *call);
int cli_task_show(const struct cli_call *call);
int cli_channel_add(const struct cli_call *call);
int cli_channel_set(const struct cli_call *call);
int cli_channel_list(const struct cli_call *call);
int cli_channel_check(const struct cli_call *call);
int cli_channel_enable(const struct cli_call *call);
int cli_channel_disable(const struct cli_call *call);
int cli_channel_remove(const struct cli_call *call);
int cli_backup(const struct cli_call *call);
int cli_check(const struct cli_call *call);

/* Writes "longreel: …" as a line on standard error. Returns CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with a hint at --help. Returns CLI_MISUSED. */
int cli_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs `fn` with the store of call->data and an arena, and returns what it returns; or says why it cannot,
 * and returns CLI_FAILED. */
int cli_with_store(const struct cli_call *call, enum store_mode mode,
                   int (*fn)(const struct cli_call *call, struct store *store, struct arena *arena));

/* Writes at most `max` characters of `text` to `out`, on one line and without anything that moves a
 * terminal's cursor; "-" for NULL. */
void cli_put_text(FILE *out, const char *text, int max);

/* Flushes standard output. CLI_DONE, or CLI_FAILED (with a message) where not all of it could be written. */
int cli_finish(void);

#endif
