/* Users. */
#include "store/user.h"

#include "base/arena.h"
#include "store/db.h"
#include "store/session.h"

/* The columns that each query of a user begins with; COL_MORE on depend on the query. */
enum { COL_ID, COL_USERNAME, COL_EMAIL, COL_ADMIN, COL_DISABLED, COL_CREATED_AT, COL_MORE };

static void
read_user(struct query *query, struct arena *arena, void *ret_user)
{
	*(struct user *)ret_user = (struct user){
	    .id = db_column_int(query, COL_ID),
	    .username = db_column_copy(query, arena, COL_USERNAME),
	    .email = db_column_copy(query, arena, COL_EMAIL),
	    .admin = db_column_bool(query, COL_ADMIN),
	    .disabled = db_column_bool(query, COL_DISABLED),
	    .created_at = db_column_int(query, COL_CREATED_AT),
	};
}

static void
read_with_hash(struct query *query, struct arena *arena, void *ret_user)
{
	struct user *user = ret_user;
	read_user(query, arena, user);
	user->password_hash = db_column_copy(query, arena, COL_MORE);
}

static void
read_with_key(struct query *query, struct arena *arena, void *ret_user)
{
	struct user *user = ret_user;
	read_user(query, arena, user);
	user->key_id = db_column_int(query, COL_MORE);
	user->used_at = db_column_int(query, COL_MORE + 1);
}

enum err_code
store_user_add(struct store *store, const struct user *user, int64_t *ret_id)
{
	struct query query = db_query(store, SQL_USER_ADD);
	db_text(&query, ":username", user->username);
	db_text(&query, ":email", user->email);
	db_text(&query, ":password_hash", user->password_hash);
	db_text(&query, ":shape", user->shape);
	db_int(&query, ":admin", user->admin);
	db_int(&query, ":disabled", user->disabled);
	db_int(&query, ":created_at", user->created_at);
	enum err_code err = db_end_number(&query, 0, ret_id);
	return err == ERR_CONFLICT ? ERR_USERNAME_TAKEN : err;
}

enum err_code
store_user_set_block(struct store *store, int64_t user_id, const char *block)
{
	struct query query = db_query(store, SQL_USER_SET_BLOCK);
	db_int(&query, ":id", user_id);
	db_text(&query, ":block", block);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_user_by_name(struct store *store, struct arena *arena, const char *username, struct user *ret_user)
{
	struct query query = db_query(store, SQL_USER_BY_NAME);
	db_text(&query, ":username", username);
	return db_end_one(&query, arena, read_with_hash, sizeof(*ret_user), ret_user);
}

enum err_code
store_user_by_id(struct store *store, struct arena *arena, int64_t user_id, struct user *ret_user)
{
	struct query query = db_query(store, SQL_USER_BY_ID);
	db_int(&query, ":id", user_id);
	return db_end_one(&query, arena, read_user, sizeof(*ret_user), ret_user);
}

/* Reads what the user's key is good for. ERR_NOT_FOUND where it is disabled. */
static enum err_code
read_key(struct store *store, struct arena *arena, struct user *user)
{
	struct query query = db_query(store, SQL_USER_KEY);
	db_int(&query, ":id", user->key_id);
	bool found = db_step(&query);
	if (found) {
		user->scope = key_scope_of(db_column_text(&query, 0));
		user->addresses = db_column_copy(&query, arena, 1);
	}
	return db_end_found(&query, found);
}

enum err_code
store_user_by_token(struct store *store, struct arena *arena, const uint8_t hash[CRYPTO_HASH_SIZE],
                    int64_t now, struct user *ret_user)
{
	struct query query = db_query(store, SQL_USER_BY_TOKEN);
	struct user user;
	db_hash(&query, ":hash", hash);
	db_int(&query, ":now", now);
	enum err_code err = db_end_one(&query, arena, read_with_key, sizeof(user), &user);
	if (err == ERR_OK && user.key_id != 0) /* a statement of its own, so that logins do not pay for it */
		err = read_key(store, arena, &user);
	if (err == ERR_OK)
		*ret_user = user;
	return err;
}

enum err_code
store_user_enabled(struct store *store, int64_t user_id, bool *ret_enabled)
{
	struct query query = db_query(store, SQL_USER_ENABLED);
	db_int(&query, ":id", user_id);
	return db_end_known(&query, ret_enabled);
}

enum err_code
store_user_list(struct store *store, struct arena *arena, struct user **ret_users, size_t *ret_count)
{
	struct query query = db_query(store, SQL_USER_LIST);
	return db_end_list(&query, arena, read_user, sizeof(**ret_users), ret_users, ret_count);
}

/* Ends a change of a user that also revokes all tokens but `keep`. */
static enum err_code
end_change(struct query *query, int64_t user_id, bool revoke, const uint8_t *keep)
{
	int64_t count;
	enum err_code err = db_run_one(query, ERR_NOT_FOUND);
	if (err != ERR_OK)
		return err;
	return revoke ? store_session_end_others(query->store, user_id, keep, &count) : ERR_OK;
}

enum err_code
store_user_set_password(struct store *store, int64_t user_id, const char *password_hash, const uint8_t *keep)
{
	struct query query = db_query(store, SQL_USER_SET_PASSWORD);
	db_int(&query, ":id", user_id);
	db_text(&query, ":password_hash", password_hash);
	return end_change(&query, user_id, true, keep);
}

enum err_code
store_user_disable(struct store *store, int64_t user_id, bool disabled)
{
	struct query query = db_query(store, SQL_USER_SET_DISABLED);
	db_int(&query, ":id", user_id);
	db_int(&query, ":disabled", disabled);
	return end_change(&query, user_id, disabled, NULL);
}

/* Reads a number that is not negative, or -1 for NULL. */
static int64_t
natural(struct query *query, int column)
{
	return db_column_null(query, column) ? -1 : db_column_int(query, column);
}

static void
read_settings(struct query *query, struct arena *arena, void *ret_settings)
{
	*(struct user_settings *)ret_settings = (struct user_settings){
	    .group_id = db_column_int(query, 0),
	    .max_open = natural(query, 1),
	    .rate = natural(query, 2),
	    .note = db_column_copy(query, arena, 3),
	};
}

enum err_code
store_user_settings(struct store *store, struct arena *arena, int64_t user_id,
                    struct user_settings *ret_settings)
{
	struct query query = db_query(store, SQL_USER_SETTINGS);
	db_int(&query, ":id", user_id);
	return db_end_one(&query, arena, read_settings, sizeof(*ret_settings), ret_settings);
}

enum err_code
store_user_set(struct store *store, int64_t user_id, const struct user_settings *settings)
{
	struct query query = db_query(store, SQL_USER_SET);
	db_int(&query, ":id", user_id);
	db_natural(&query, ":group_id", settings->group_id > 0 ? settings->group_id : -1);
	db_natural(&query, ":max_open", settings->max_open);
	db_natural(&query, ":rate", settings->rate);
	db_text(&query, ":note", settings->note);
	return db_run_one(&query, ERR_NOT_FOUND);
}

/* A list of models; "" where there is no row of a group or of a key. */
static const char *
copy_models(struct query *query, struct arena *arena, int column)
{
	return db_column_null(query, column) ? "" : db_column_copy(query, arena, column);
}

static void
read_limits(struct query *query, struct arena *arena, void *ret_limits)
{
	*(struct user_limits *)ret_limits = (struct user_limits){
	    .max_open = natural(query, 0),
	    .rate = natural(query, 1),
	    .models = copy_models(query, arena, 2),
	    .key_max_open = db_column_int(query, 3),
	    .key_rate = db_column_int(query, 4),
	    .key_models = copy_models(query, arena, 5),
	};
}

enum err_code
store_user_limits(struct store *store, struct arena *arena, int64_t user_id, int64_t key_id,
                  struct user_limits *ret_limits)
{
	struct query query = db_query(store, SQL_USER_LIMITS);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":key_id", key_id);
	return db_end_one(&query, arena, read_limits, sizeof(*ret_limits), ret_limits);
}

enum err_code
store_user_open(struct store *store, int64_t user_id, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_USER_OPEN);
	db_int(&query, ":id", user_id);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}
