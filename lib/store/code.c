/* Codes: see code.h. */
#include "store/code.h"

#include <string.h>

#include "store/db.h"

#define CREDIT "credit"
#define INVITE "invite"

enum err_code
store_code_add(struct store *store, const struct code *code, const uint8_t hash[CRYPTO_HASH_SIZE])
{
	struct query query = db_query(store, SQL_CODE_ADD);
	db_text(&query, ":batch", code->batch);
	db_hash(&query, ":hash", hash);
	db_text(&query, ":hint", code->hint);
	db_text(&query, ":kind", code->invite ? INVITE : CREDIT);
	db_int(&query, ":amount", code->amount);
	db_int(&query, ":group_id", code->group_id);
	db_int(&query, ":uses_max", code->uses_max);
	db_int(&query, ":expires_at", code->expires_at);
	db_int(&query, ":created_at", code->created_at);
	db_text(&query, ":created_by", code->created_by);
	return db_run(&query);
}

static void
read_code(struct query *query, struct arena *arena, void *ret_code)
{
	const char *kind = db_column_text(query, 3);
	if (kind == NULL)
		return;
	*(struct code *)ret_code = (struct code){
	    .id = db_column_int(query, 0),
	    .batch = db_column_copy(query, arena, 1),
	    .hint = db_column_copy(query, arena, 2),
	    .invite = strcmp(kind, INVITE) == 0,
	    .amount = db_column_int(query, 4),
	    .group_id = db_column_int(query, 5),
	    .uses_max = db_column_int(query, 6),
	    .uses = db_column_int(query, 7),
	    .expires_at = db_column_int(query, 8),
	    .disabled = db_column_bool(query, 9),
	    .created_at = db_column_int(query, 10),
	    .created_by = db_column_copy(query, arena, 11),
	};
}

enum err_code
store_code_by_hash(struct store *store, struct arena *arena, const uint8_t hash[CRYPTO_HASH_SIZE],
                   struct code *ret_code)
{
	struct query query = db_query(store, SQL_CODE_BY_HASH);
	db_hash(&query, ":hash", hash);
	return db_end_one(&query, arena, read_code, sizeof(*ret_code), ret_code);
}

enum err_code
store_code_redeemed(struct store *store, int64_t id, int64_t user_id, bool *ret_redeemed)
{
	struct query query = db_query(store, SQL_CODE_REDEEMED);
	db_int(&query, ":id", id);
	db_int(&query, ":user_id", user_id);
	return db_end_known(&query, ret_redeemed);
}

enum err_code
store_code_use(struct store *store, int64_t id, int64_t user_id, int64_t now)
{
	struct query query = db_query(store, SQL_CODE_USE);
	db_int(&query, ":id", id);
	enum err_code err = db_run_one(&query, ERR_CONFLICT);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CODE_REDEEM);
	db_int(&query, ":id", id);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":now", now);
	return db_run(&query);
}

enum err_code
store_code_list(struct store *store, struct arena *arena, const char *batch, int64_t after, int64_t most,
                struct code_page *ret_page)
{
	struct query query = db_query(store, SQL_CODE_LIST);
	db_text(&query, ":batch", batch);
	db_int(&query, ":after", after);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_code, sizeof(*ret_page->codes), &ret_page->codes,
	                   &ret_page->count);
}

static void
read_batch(struct query *query, struct arena *arena, void *ret_batch)
{
	const char *kind = db_column_text(query, 1);
	if (kind == NULL)
		return;
	*(struct code_batch *)ret_batch = (struct code_batch){
	    .batch = db_column_copy(query, arena, 0),
	    .invite = strcmp(kind, INVITE) == 0,
	    .codes = db_column_int(query, 2),
	    .uses = db_column_int(query, 3),
	    .uses_max = db_column_int(query, 4),
	    .amount = db_column_int(query, 5),
	    .expires_at = db_column_int(query, 6),
	    .disabled = db_column_int(query, 7),
	    .created_at = db_column_int(query, 8),
	};
}

enum err_code
store_code_batches(struct store *store, struct arena *arena, struct code_batch **ret_batches,
                   size_t *ret_count)
{
	struct query query = db_query(store, SQL_CODE_BATCHES);
	return db_end_list(&query, arena, read_batch, sizeof(**ret_batches), ret_batches, ret_count);
}

enum err_code
store_code_disable(struct store *store, const char *batch, bool disabled)
{
	struct query query = db_query(store, SQL_CODE_DISABLE);
	db_text(&query, ":batch", batch);
	db_int(&query, ":disabled", disabled);
	enum err_code err = db_run(&query);
	return err == ERR_OK && db_changes(store) == 0 ? ERR_NOT_FOUND : err;
}
