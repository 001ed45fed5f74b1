/* GET /api/account
 *
 * {user: {id, username}, group, balance: {availableMicro, heldMicro, creditLineMicro}, budgets: [{subject,
 * window, limitMicro, usedMicro, resetsAt}], maxOpen, open}: what the caller has, and may still do. group:
 * its name, or null. budgets: of the user and of the API key that asks (subject user, key); resetsAt is null
 * for the window `total`. maxOpen: open tasks, at most; 0 = any number. open: how many there are. Errors:
 * none of its own. Reads account, budget, user. */
#include <string.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "base/config.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "handlers.h"
#include "store/account.h"
#include "store/group.h"
#include "store/user.h"

enum { OPEN_COUNTED = 10000 };

/* What of it is read from the database. */
struct having {
	struct user_settings settings;
	struct user_limits limits;
	struct group group;
	struct balance balance;
	struct budget_states budgets;
	int64_t open;
};

static enum err_code
read_having(struct call *call, struct having *having)
{
	const struct user *user = call->user;
	const struct domain_env env = {.config = call->config, .store = call->store};
	const struct check check = {.owner = {.user_id = user->id, .api_key = user->key_id},
	                            .now = clock_wall_ms()};
	enum err_code err = store_user_settings(call->store, call->arena, user->id, &having->settings);
	if (err == ERR_OK && having->settings.group_id != 0)
		err = store_group_get(call->store, call->arena, having->settings.group_id, &having->group);
	if (err == ERR_OK)
		err = store_user_limits(call->store, call->arena, user->id, user->key_id, &having->limits);
	if (err == ERR_OK)
		err = store_balance(call->store, user->id, &having->balance);
	if (err == ERR_OK)
		err = check_budgets(&env, call->arena, &check, &having->budgets);
	return err == ERR_OK ? store_user_open(call->store, user->id, OPEN_COUNTED, &having->open) : err;
}

/* What all users together may spend is the operator's matter. */
static void
write_budgets(struct jsonw *w, const struct budget_states *states)
{
	jsonw_array(w, "budgets");
	for (size_t i = 0; i < states->count; i++) {
		const struct budget_state *state = &states->items[i];
		if (state->subject != BUDGET_USER && state->subject != BUDGET_KEY)
			continue;
		jsonw_object(w, NULL);
		jsonw_string(w, "subject", budget_subject_word(state->subject));
		jsonw_string(w, "window", window_word(state->window));
		jsonw_int(w, "limitMicro", state->limit);
		jsonw_int(w, "usedMicro", state->used);
		view_time(w, "resetsAt", state->resets_at);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

struct err
tasks_account(struct call *call)
{
	struct having having = {0};
	enum err_code err = read_having(call, &having);
	if (err != ERR_OK)
		return err_of(err);
	int64_t own = having.limits.max_open;
	struct jsonw w = call_answer_begin(call);
	jsonw_object(&w, "user");
	jsonw_int(&w, "id", call->user->id);
	jsonw_string(&w, "username", call->user->username);
	jsonw_object_end(&w);
	jsonw_string(&w, "group", having.group.name);
	jsonw_object(&w, "balance");
	jsonw_int(&w, "availableMicro", having.balance.available);
	jsonw_int(&w, "heldMicro", having.balance.held);
	jsonw_int(&w, "creditLineMicro", having.balance.credit_line);
	jsonw_object_end(&w);
	write_budgets(&w, &having.budgets);
	jsonw_int(&w, "maxOpen", own >= 0 ? own : call->config->max_open);
	jsonw_int(&w, "open", having.open);
	return call_answer_end(call, &w, 200);
}
