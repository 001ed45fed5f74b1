/* What the commands about users, groups and keys share: limits as options, and the audit log. Each says on
 * standard error what is wrong, and returns false. */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/window.h"
#include "cli.h"

struct arena;
struct store;

/* Reads a list of patterns of models, separated by blanks or commas, into the form of the database; NULL
 * leaves ret_models as it is. */
bool limits_models(const char *text, struct arena *arena, const char **ret_models);

/* Reads a list of networks, likewise. */
bool limits_addresses(const char *text, const char **ret_addresses);

/* Reads a multiplier, a decimal such as 0.9, in millionths; NULL leaves ret_ppm as it is. */
bool limits_multiplier(const char *text, int64_t *ret_ppm);

/* Reads the budget of that window, an amount or "none" (-1); where the option was not given, ret_micro stays
 * as it is. */
bool limits_budget(const struct cli_call *call, enum window_kind window, int64_t *ret_micro);

/* Puts the budgets that were given into `budgets`. */
bool limits_budgets_apply(const struct cli_call *call, int64_t budgets[WINDOW__MAX]);

/* True where an option other than --data and --json was given, so that something is to be changed. */
bool limits_changes(const struct cli_call *call);

/* Checks a note of the operator's. */
bool limits_note(const char *note);

/* Notes in the audit log, inside the caller's transaction, that `action` was done to `subject` from the
 * command line, with the options that were given. The store's errors. */
enum err_code
limits_audit(struct store *store, const struct cli_call *call, const char *action, const char *subject);

/* The same in a transaction of its own, behind what was done; says so where it fails. */
bool
limits_audit_done(struct store *store, const struct cli_call *call, const char *action, const char *subject);

#endif
