/* Finds tasks by their content, and by what an upstream shows of their jobs. */
#include "store/task_match.h"

#include <string.h>

#include "base/crypto.h"
#include "store/db.h"
#include "store/row.h"

enum err_code
store_task_by_content(struct store *store, struct arena *arena, const struct task_content *content,
                      struct task *ret_task)
{
	struct query query = db_query(store, SQL_TASK_MATCH_CONTENT);
	db_int(&query, ":user_id", content->user_id);
	db_int(&query, ":api_key", content->api_key);
	db_hash(&query, ":fingerprint", content->fingerprint);
	db_int(&query, ":since", content->since);
	db_int(&query, ":least", content->least);
	db_int(&query, ":most", content->most);
	return row_one(&query, arena, ret_task);
}

enum err_code
store_task_repeated(struct store *store, int64_t id, int64_t client_retries)
{
	struct query query = db_query(store, SQL_TASK_MATCH_REPEATED);
	db_int(&query, ":id", id);
	db_int(&query, ":repeats", client_retries);
	return db_run(&query);
}

/* Binds the place of the task: several channels may lead to one upstream, and see each other's jobs there. */
static void
at_place(struct query *query, const struct task *task)
{
	db_text(query, ":channel", task->channel);
	db_text(query, ":key_place", row_key_place(task->key_id));
}

enum err_code
store_prompt_keep(struct store *store, const struct task *task)
{
	uint8_t hash[CRYPTO_HASH_SIZE]; /* is read as long as the statement runs */
	crypto_sha256(task->prompt, strlen(task->prompt), hash);
	struct query query = db_query(store, SQL_TASK_MATCH_KEEP_PROMPT);
	db_int(&query, ":id", task->id);
	db_hash(&query, ":prompt_hash", hash);
	return db_run(&query);
}

enum err_code
store_prompt_forget(struct store *store, const struct task *task)
{
	return db_run_id(store, SQL_TASK_MATCH_FORGET_PROMPT, task->id);
}

enum err_code
store_prompts_forget(struct store *store, int64_t before, int64_t most, int64_t *ret_count)
{
	return db_purge(store, SQL_TASK_MATCH_FORGET_PROMPTS, before, most, ret_count);
}

enum err_code
store_prompt_kept(struct store *store, const struct task *task, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	struct query query = db_query(store, SQL_TASK_MATCH_KEPT_PROMPT);
	db_int(&query, ":id", task->id);
	bool kept = db_step(&query);
	if (kept)
		db_column_hash(&query, 0, ret_hash);
	enum err_code err = db_end(&query);
	return err == ERR_OK && !kept ? ERR_NOT_FOUND : err;
}

enum err_code
store_external_known(struct store *store, const struct task *task, const char *external_id, bool *ret_known)
{
	struct query query = db_query(store, SQL_TASK_MATCH_EXTERNAL);
	at_place(&query, task);
	db_text(&query, ":external_id", external_id);
	return db_end_known(&query, ret_known);
}

enum err_code
store_task_rivals(struct store *store, const struct task *task, const struct task_meant *meant,
                  struct task_rivals *ret_rivals)
{
	struct task_rivals rivals = {0};
	uint8_t hash[CRYPTO_HASH_SIZE];
	crypto_sha256(task->prompt, strlen(task->prompt), hash);
	struct query query = db_query(store, SQL_TASK_MATCH_SENDING);
	db_int(&query, ":id", task->id);
	at_place(&query, task);
	db_text(&query, ":prompt", task->prompt);
	db_int(&query, ":until", meant->until);
	db_text(&query, ":source", meant->source);
	enum err_code err = db_end_number(&query, 0, &rivals.sending);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_TASK_MATCH_UNSURE);
	db_int(&query, ":id", task->id);
	db_int(&query, ":user_id", task->user_id);
	db_hash(&query, ":fingerprint", task->fingerprint);
	at_place(&query, task);
	err = db_end_number(&query, 0, &rivals.unsure);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_TASK_MATCH_RIVALS);
	db_int(&query, ":user_id", task->user_id);
	db_hash(&query, ":fingerprint", task->fingerprint);
	at_place(&query, task);
	db_text(&query, ":prompt", task->prompt);
	db_hash(&query, ":prompt_hash", hash);
	db_int(&query, ":since", meant->since);
	db_int(&query, ":until", meant->until);
	db_text(&query, ":source", meant->source);
	err = db_end_number(&query, 0, &rivals.others);
	if (err == ERR_OK)
		*ret_rivals = rivals;
	return err;
}
