/* The user's API keys.
 *
 * GET /api/auth/keys            {keys: [KEY]}
 * POST /api/auth/keys           {name, expiresAt?, models?, addresses?, maxOpen?, rate?, scope?, budgets?,
 * disabled?}: 201, KEY with `key`, which is shown this once PATCH /api/auth/keys/:id      the same, all
 * optional: KEY DELETE /api/auth/keys/:id     {} GET /api/auth/key             KEY, that of the request
 *
 * KEY: {id, name, hint, createdAt, expiresAt (ms in a request; 0 = never), lastUsedAt, models (names, with *
 * for any characters; [] = all), addresses (networks it is taken from; [] = all), maxOpen (open tasks) and
 * rate (creations a minute; 0 = as many as its user), scope (all, read; admin is the operator's to make),
 * budgets ({day, week, month, total}, in micro-units; null = none), disabled}. Errors: bad_field, forbidden
 * for an API key (a key that leaks must neither make others nor widen itself), too_many_keys, key_expired,
 * not_found. Writes through domain/account/api_key.h. */
#include "api/call.h"
#include "api/envelope.h"
#include "domain/account/api_key.h"
#include "domain/money/budgets.h"
#include "handlers.h"
#include "key_fields.h"
#include "store/key.h"
#include "store/store.h"
#include "web/reply.h"
#include "web/request.h"

static struct err
refuse_key(const struct call *call)
{
	return call_refuse_key(
	    call, "An API key can neither make, change nor revoke keys; please sign in for that.");
}

static struct err
answer(struct call *call, const struct key_shown *shown, int status)
{
	struct jsonw w = envelope_begin(call->reply);
	key_view(&w, "data", shown);
	envelope_end(&w, call->request, call->reply, status);
	return err_of(ERR_OK);
}

static enum err_code
read_budgets(struct call *call, struct key_shown *shown)
{
	return budgets_read(call->store, call->arena, BUDGET_KEY, shown->key->id, shown->budgets);
}

struct err
auth_keys_list(struct call *call)
{
	struct key *keys;
	size_t count;
	enum err_code err = store_key_list(call->store, call->arena, call->user->id, &keys, &count);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "keys");
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		struct key_shown shown = {.key = &keys[i]};
		err = read_budgets(call, &shown);
		key_view(&w, NULL, &shown);
	}
	jsonw_array_end(&w);
	return err == ERR_OK ? call_answer_end(call, &w, 200) : err_of(err);
}

struct err
auth_keys_make(struct call *call)
{
	char text[KEY_TEXT_SIZE];
	struct key_fields said = {0};
	struct key key, wanted = {.models = "", .addresses = ""};
	struct key_shown shown = {.key = &key, .text = text, .budgets = {-1, -1, -1, -1}};
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad = key_fields_read(call, true, &said);
	if (bad.code != ERR_OK)
		return bad;
	key_fields_apply(&said, &wanted);
	key_fields_budgets(&said, shown.budgets);
	enum err_code err = store_begin(call->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = key_add(call->store, call->arena, call->user->id, &wanted, text, &key);
	if (err == ERR_OK)
		err = budgets_write(call->store, BUDGET_KEY, key.id, shown.budgets);
	err = store_end(call->store, err);
	if (err != ERR_OK)
		return err_of(err);
	bad = answer(call, &shown, 201);
	crypto_forget(text, sizeof(text));
	return bad;
}

struct err
auth_keys_change(struct call *call)
{
	struct key_fields said;
	struct key key;
	struct key_shown shown = {.key = &key};
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad = key_fields_read(call, false, &said);
	if (bad.code != ERR_OK)
		return bad;
	enum err_code err =
	    key_begin_change(call->store, call->arena, call->user->id, call_number(call, 0), &key);
	if (err == ERR_OK)
		err = read_budgets(call, &shown);
	if (err == ERR_OK) {
		key_fields_apply(&said, &key);
		key_fields_budgets(&said, shown.budgets);
		err = budgets_write(call->store, BUDGET_KEY, key.id, shown.budgets);
	}
	err = key_end_change(call->store, err, &key);
	return err == ERR_OK ? answer(call, &shown, 200) : err_of(err);
}

struct err
auth_keys_revoke(struct call *call)
{
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad.code = key_revoke(call->store, call->user->id, call_number(call, 0));
	return bad.code == ERR_OK ? call_answer_empty(call) : bad;
}

struct err
auth_key_show(struct call *call)
{
	struct key key;
	struct key_shown shown = {.key = &key};
	if (call->user->key_id == 0)
		return err_in_chinese(
		    err_say(ERR_NOT_FOUND, NULL, "This is a login's token, not an API key."),
		    "这是登录令牌，不是 API 密钥。");
	enum err_code err = store_key_get(call->store, call->arena, call->user->id, call->user->key_id, &key);
	if (err == ERR_OK)
		err = read_budgets(call, &shown);
	return err == ERR_OK ? answer(call, &shown, 200) : err_of(err);
}
