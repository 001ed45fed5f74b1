/* What the subcommands share: the command line that was read, messages for the operator, tables, and the way
 * to the store. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/window.h"
#include "store/store.h"

struct arena;

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_MISUSED = 2 }; /* exit codes */

enum {
	CLI_NO_PRIORITY = INT_MIN,
	CLI_NO_MAX_OPEN = -2,
	CLI_DEFAULT = -2,   /* of `rate`: as the group says, or the configuration */
	CLI_TIME_WIDTH = 24 /* of clock_text() */
};

/* What may be given several times. */
struct cli_list {
	const char *at[LIMIT_REFERENCES];
	int count;
};

/* A set of options (options.h). */
typedef unsigned __int128 option_set;

/* A command line. What was not given is NULL, false, or the value that is named here. */
struct cli_call {
	const char *data; /* --data, else LONGREEL_DATA, else that of home.h; NULL only with the commands of
	                     profiles */
	bool at_home;     /* it is that of home.h */
	const char *listen;
	int port;            /* -1 = not given */
	const char *sockets; /* the folder of the programs' sockets, for another web server */
	bool simulator;
	bool cgi;
	const char *email;
	bool admin;
	const char *status;
	const char *user;
	const char *name;
	int days;         /* -1 = not given */
	int max_open;     /* CLI_NO_MAX_OPEN = not given, -1 = the default */
	int limit;        /* -1 = not given, as the numbers below */
	const char *base; /* of a channel, as all that follow */
	const char *dialect, *models, *extra_allow, *key_file, *key_env, *webhook_secret_file;
	int priority; /* CLI_NO_PRIORITY = not given */
	int weight, concurrency, rate;
	int idempotency, private; /* 0, 1 or -1 */
	const char *prompt;       /* of a task, as all that follow */
	const char *model, *size, *aspect_ratio, *seed, *negative_prompt, *extra;
	int seconds; /* 0 = not given */
	bool audio;
	const char *image, *last; /* files */
	struct cli_list references;
	const char *remix, *edit, *extend;                         /* the id of a video */
	const char *call;                                          /* the one that was answered */
	bool curl, json;                                           /* the forms of what is printed */
	const char *group, *note, *scope, *addresses, *multiplier; /* of a user, a key, a group */
	const char *budgets[WINDOW__MAX];                          /* amounts, or "none" */
	int disabled;                                              /* 0, 1 or -1 */
	int count, uses;                                           /* of codes; -1 = not given */
	const char *amount, *expires, *batch;
	const char *per_second, *flat, *job, *with_image, *with_audio, *default_size, *settle; /* a tariff */
	int images, min_seconds, step_seconds, default_seconds, max_seconds;                   /* -1 */
	const char *from, *to, *by;                                                            /* a report */
	bool csv;
	/* Of setup, as the next two lines. */
	const char *public_url, *trusted_proxies, *registration, *administrator, *password_file;
	bool no_check;
	bool asks;             /* at the terminal; no option */
	const char *base_path; /* of install-htdocs */
	bool all, no_archive;  /* of a backup */
	option_set given;      /* the options that were */
	char *const *operands; /* as many as the command has; an optional one may be NULL */
};

/* The subcommands; each returns the exit code. */
int cli_serve(const struct cli_call *call);
int cli_setup(const struct cli_call *call);
int cli_user_add(const struct cli_call *call);
int cli_user_list(const struct cli_call *call);
int cli_user_passwd(const struct cli_call *call);
int cli_user_disable(const struct cli_call *call);
int cli_user_enable(const struct cli_call *call);
int cli_user_set(const struct cli_call *call);
int cli_key_create(const struct cli_call *call);
int cli_key_list(const struct cli_call *call);
int cli_key_revoke(const struct cli_call *call);
int cli_key_set(const struct cli_call *call);
int cli_group_add(const struct cli_call *call);
int cli_group_set(const struct cli_call *call);
int cli_group_list(const struct cli_call *call);
int cli_group_remove(const struct cli_call *call);
int cli_budget_list(const struct cli_call *call);
int cli_budget_set(const struct cli_call *call);
int cli_credit_add(const struct cli_call *call);
int cli_credit_take(const struct cli_call *call);
int cli_credit_show(const struct cli_call *call);
int cli_credit_line(const struct cli_call *call);
int cli_price_set(const struct cli_call *call);
int cli_price_list(const struct cli_call *call);
int cli_price_check(const struct cli_call *call);
int cli_price_quote(const struct cli_call *call);
int cli_price_remove(const struct cli_call *call);
int cli_cost_set(const struct cli_call *call);
int cli_cost_list(const struct cli_call *call);
int cli_charge_list(const struct cli_call *call);
int cli_charge_show(const struct cli_call *call);
int cli_charge_refund(const struct cli_call *call);
int cli_charge_release(const struct cli_call *call);
int cli_usage(const struct cli_call *call);
int cli_ledger_check(const struct cli_call *call);
int cli_ledger_list(const struct cli_call *call);
int cli_audit_list(const struct cli_call *call);
int cli_code_create(const struct cli_call *call);
int cli_code_list(const struct cli_call *call);
int cli_code_disable(const struct cli_call *call);
int cli_invite_create(const struct cli_call *call);
int cli_task_list(const struct cli_call *call);
int cli_task_show(const struct cli_call *call);
int cli_channel_add(const struct cli_call *call);
int cli_channel_set(const struct cli_call *call);
int cli_channel_stats(const struct cli_call *call);
int cli_channel_list(const struct cli_call *call);
int cli_channel_check(const struct cli_call *call);
int cli_channel_webhook(const struct cli_call *call);
int cli_channel_enable(const struct cli_call *call);
int cli_channel_disable(const struct cli_call *call);
int cli_channel_remove(const struct cli_call *call);
int cli_dialect_list(const struct cli_call *call);
int cli_dialect_check(const struct cli_call *call);
int cli_dialect_show(const struct cli_call *call);
int cli_dialect_replay(const struct cli_call *call);
int cli_backup(const struct cli_call *call);
int cli_restore(const struct cli_call *call);
int cli_install_htdocs(const struct cli_call *call);
int cli_check(const struct cli_call *call);

/* Writes "longreel: …" as a line on standard error. Returns CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads an amount from `least`, 0 or 1, to AMOUNT_MOST in micro-units; `what` names it, such as "--flat". On
 * failure says why and returns false. */
bool cli_read_amount(const char *what, const char *text, int64_t least, int64_t *ret_micro);

/* owner_become() for the data directory; on failure says why and returns false, and the caller must end. */
bool cli_become_owner(const char *data);

/* Opens the store of call->data, runs `fn` with it and an arena, and returns the result of `fn`; where the
 * store cannot be opened, says why and returns CLI_FAILED. */
int cli_with_store(const struct cli_call *call, enum store_mode mode,
                   int (*fn)(const struct cli_call *call, struct store *store, struct arena *arena));

/* Writes at most `max` characters of `text` to `out`, on one line, with blanks in place of control
 * characters;
 * "-" for NULL. Returns their number. */
int cli_put_text(FILE *out, const char *text, int max);

/* A column of a list. The widths hold at a terminal; a script gets cells with a tab between them. */
struct cli_column {
	const char *title;
	int width; /* in characters; of the last column, no matter */
	int max;   /* characters that are shown; 0 = all */
};

/* Writes the header line of a list. The last column has the title NULL behind it. */
void cli_put_header(const struct cli_column *columns);

/* Writes a line of the list: a cell for each column. NULL and "" are written as "-". */
void cli_put_row(const struct cli_column *columns, const char *const *cells);

/* Flushes standard output. CLI_DONE, or CLI_FAILED (with a message) where not all of it could be written. */
int cli_finish(void);

#endif
