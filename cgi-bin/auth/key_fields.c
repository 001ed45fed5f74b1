/* What a client says of an API key: see key_fields.h. */
#include "key_fields.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/amount.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/networks.h"

/* The separators of both kinds of lists. */
static const char separators[] = " ,";

struct body {
	struct key_fields said;
	struct field_lines models, addresses;
	const struct json *budgets;
};

static const char *const scopes[] = {"all", "read", NULL};

static const struct field fields[] = {
    {"name", FIELD_LINE, offsetof(struct body, said.name), .min = 1, .max = LIMIT_WORD},
    {"expiresAt", FIELD_INT, offsetof(struct body, said.expires_at), .max = INT64_C(253402300799999)},
    {"models", FIELD_LINES, offsetof(struct body, models), .max = LIMIT_KEY_LIST},
    {"addresses", FIELD_LINES, offsetof(struct body, addresses), .max = LIMIT_KEY_LIST},
    {"maxOpen", FIELD_INT, offsetof(struct body, said.max_open), .max = LIMIT_KEY_NUMBER},
    {"rate", FIELD_INT, offsetof(struct body, said.rate), .max = LIMIT_KEY_NUMBER},
    {"scope", FIELD_WORD, offsetof(struct body, said.scope), .words = scopes},
    {"budgets", FIELD_OBJECT, offsetof(struct body, budgets), .max = LIMIT_WORD * 2},
    {"disabled", FIELD_BOOL, offsetof(struct body, said.disabled)},
};

/* ---- lists: arrays in the API, texts in the database ---- */

/* Joins the items with blanks. NULL when memory is short. */
static const char *
join(struct arena *arena, const struct field_lines *lines)
{
	const char *list = "";
	for (size_t i = 0; i < lines->count && list != NULL; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? " " : "", lines->items[i]);
	return list;
}

static void
view_list(struct jsonw *w, const char *name, const char *list)
{
	char item[LIMIT_WORD * 4 + 1];
	jsonw_array(w, name);
	for (list += strspn(list, separators); *list != '\0'; list += strspn(list, separators)) {
		size_t len = strcspn(list, separators), most = sizeof(item) - 1;
		memcpy(item, list, len < most ? len : most);
		item[len < most ? len : most] = '\0';
		jsonw_string(w, NULL, item);
		list += len;
	}
	jsonw_array_end(w);
}

static struct err
check_list(const char *name, const struct field_lines *lines, bool networks)
{
	for (size_t i = 0; i < lines->count; i++) {
		const char *item = lines->items[i];
		if (strpbrk(item, separators) == NULL && (!networks || networks_valid(item)))
			continue;
		return networks ? err_in_chinese(
		                      err_say(ERR_BAD_FIELD, name,
		                              "addresses must be addresses, or networks such as 10.0.0.0/8."),
		                      "addresses 必须是 IP 地址或网段，例如 10.0.0.0/8。")
		                : err_in_chinese(err_say(ERR_BAD_FIELD, name,
		                                         "models must be names without blanks and commas; * "
		                                         "stands for any characters."),
		                                 "models 必须是不含空格和逗号的名称，* 代表任意字符。");
	}
	return err_of(ERR_OK);
}

/* ---- budgets ---- */

/* The window of a member's name; WINDOW__MAX where it is none. */
static enum window_kind
window_of(const char *name)
{
	enum window_kind window = WINDOW_DAY;
	while (window < WINDOW__MAX && strcmp(window_word(window), name) != 0)
		window++;
	return window;
}

/* Reads an object of amounts; null removes a budget. */
static struct err
read_budgets(const struct json *object, struct key_fields *said)
{
	for (const struct json *member = json_first(object); member != NULL; member = json_next(member)) {
		enum window_kind window = window_of(json_name(member));
		int64_t amount = -1;
		bool none = json_type(member) == JSON_NULL;
		if (window == WINDOW__MAX ||
		    (!none && (!json_integer(member, &amount) || amount < 0 || amount > AMOUNT_MOST)))
			return err_in_chinese(
			    err_say(ERR_BAD_FIELD, "budgets",
			            "budgets may have day, week, month and total: whole micro-units from 0 "
			            "on, or null."),
			    "budgets 只能包含 day、week、month 和 total，其值为非负整数（微单位）或 null。");
		said->has_budget[window] = true;
		said->budgets[window] = amount;
	}
	return err_of(ERR_OK);
}

void
key_fields_budgets(const struct key_fields *said, int64_t budgets[WINDOW__MAX])
{
	for (int i = 0; i < WINDOW__MAX; i++)
		if (said->has_budget[i])
			budgets[i] = said->budgets[i];
}

static void
view_budgets(struct jsonw *w, const int64_t budgets[WINDOW__MAX])
{
	jsonw_object(w, "budgets");
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX; window++) {
		if (budgets[window] >= 0)
			jsonw_int(w, window_word(window), budgets[window]);
		else
			jsonw_null(w, window_word(window));
	}
	jsonw_object_end(w);
}

/* ---- reading ---- */

/* Reads the members that are null: they lift the limit. A name and a scope are none. */
static void
read_nulls(const struct json *object, struct key_fields *said)
{
	const struct field_int none = {.set = true};
	for (const struct json *member = json_first(object); member != NULL; member = json_next(member)) {
		const char *name = json_name(member);
		if (json_type(member) != JSON_NULL)
			continue;
		if (strcmp(name, "models") == 0)
			said->models = "";
		else if (strcmp(name, "addresses") == 0)
			said->addresses = "";
		else if (strcmp(name, "maxOpen") == 0)
			said->max_open = none;
		else if (strcmp(name, "rate") == 0)
			said->rate = none;
		else if (strcmp(name, "expiresAt") == 0)
			said->expires_at = none;
		for (int i = 0; strcmp(name, "budgets") == 0 && i < WINDOW__MAX; i++) {
			said->has_budget[i] = true;
			said->budgets[i] = -1;
		}
	}
}

static struct err
check(const struct body *body, bool fresh)
{
	if (fresh && body->said.name == NULL)
		return err_say(ERR_BAD_FIELD, "name", "name is required.");
	const struct field_int *expiry = &body->said.expires_at;
	bool never = expiry->value == 0 && !fresh;
	if (expiry->set && !never && expiry->value <= clock_wall_ms())
		return err_say(ERR_BAD_FIELD, "expiresAt",
		               "expiresAt must be in the future, in milliseconds.");
	struct err bad = check_list("models", &body->models, false);
	return bad.code == ERR_OK ? check_list("addresses", &body->addresses, true) : bad;
}

struct err
key_fields_read(struct call *call, bool fresh, struct key_fields *ret_fields)
{
	struct body body = {0};
	const struct json *object;
	struct err bad = field_read_body(call->request, &object);
	if (bad.code == ERR_OK)
		bad = field_read_json(fields, sizeof(fields) / sizeof(fields[0]), object, call->arena, &body);
	if (bad.code == ERR_OK)
		bad = check(&body, fresh);
	if (bad.code == ERR_OK)
		bad = read_budgets(body.budgets, &body.said);
	if (bad.code == ERR_OK)
		read_nulls(object, &body.said);
	if (bad.code != ERR_OK)
		return bad;
	if (body.models.items != NULL)
		body.said.models = join(call->arena, &body.models);
	if (body.addresses.items != NULL)
		body.said.addresses = join(call->arena, &body.addresses);
	if (arena_failed(call->arena))
		return err_of(ERR_NO_MEMORY);
	*ret_fields = body.said;
	return err_of(ERR_OK);
}

void
key_fields_apply(const struct key_fields *said, struct key *key)
{
	if (said->name != NULL)
		key->name = said->name;
	if (said->expires_at.set)
		key->expires_at = said->expires_at.value;
	if (said->models != NULL)
		key->models = said->models;
	if (said->addresses != NULL)
		key->addresses = said->addresses;
	if (said->max_open.set)
		key->max_open = said->max_open.value;
	if (said->rate.set)
		key->rate = said->rate.value;
	if (said->scope != NULL)
		key->scope = key_scope_of(said->scope);
	if (said->disabled.set)
		key->disabled = said->disabled.value;
}

/* ---- showing ---- */

void
key_view(struct jsonw *w, const char *name, const struct key_shown *shown)
{
	const struct key *key = shown->key;
	jsonw_object(w, name);
	jsonw_int(w, "id", key->id);
	jsonw_string(w, "name", key->name);
	jsonw_string(w, "hint", key->hint);
	if (shown->text != NULL)
		jsonw_string(w, "key", shown->text);
	view_time(w, "createdAt", key->created_at);
	view_time(w, "expiresAt", key->expires_at);
	view_time(w, "lastUsedAt", key->last_used_at);
	view_list(w, "models", key->models);
	view_list(w, "addresses", key->addresses);
	jsonw_int(w, "maxOpen", key->max_open);
	jsonw_int(w, "rate", key->rate);
	jsonw_string(w, "scope", key_scope_word(key->scope));
	view_budgets(w, shown->budgets);
	jsonw_bool(w, "disabled", key->disabled);
	jsonw_object_end(w);
}
