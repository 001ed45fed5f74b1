/* See stores.h. */
#include "support/stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "store/archive.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"
#include "support/tmpdir.h"

struct stores *
stores_new(void)
{
	struct stores *stores = calloc(1, sizeof(*stores));
	assert_non_null(stores);
	assert_true(crypto_open());
	stores->dir = tmpdir_make();
	stores->arena = arena_new();
	assert_non_null(stores->arena);
	assert_int_equal(store_open(stores->dir, STORE_MIGRATE, &stores->store), ERR_OK);
	stores->user = stores_user(stores->store, "ada");
	return stores;
}

void
stores_free(struct stores *stores)
{
	store_close(stores->store);
	arena_free(stores->arena);
	tmpdir_remove(stores->dir);
	free(stores);
}

int64_t
stores_user(struct store *store, const char *name)
{
	struct user user = {.username = name, .password_hash = "$argon2id$none", .created_at = 1000};
	int64_t id = 0;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_user_add(store, &user, &id), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	return id;
}

struct task
stores_task(int64_t user, const char *video_id)
{
	return (struct task){
	    .user_id = user,
	    .video_id = video_id,
	    .fingerprint = {1, 2, 3},
	    .channel = "default",
	    .state = TASK_STATE_READY,
	    .prompt = "a cat on a bicycle",
	    .model = "sora_video2",
	    .media_type = "VIDEO",
	    .options = "{}",
	    .metadata = "{}",
	    .attempt = 1,
	    .created_at = 1000,
	    .updated_at = 1000,
	    .deadline_at = 9000,
	    .due_at = 1000,
	};
}

int64_t
stores_add(struct store *store, const struct task *task)
{
	int64_t id = 0, rev = 0;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(store, task, &id, &rev), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	return id;
}

struct task_move
stores_move(int64_t id, enum task_state from, enum task_state to)
{
	return (struct task_move){.id = id,
	                          .attempt = 1,
	                          .from = from,
	                          .to = to,
	                          .now = 2000,
	                          .progress = -1,
	                          .tries = -1,
	                          .not_found_count = -1};
}

int64_t
stores_make(struct store *store, const struct task_move *move)
{
	int64_t rev = 0;
	struct task_move first = *move;
	if (first.attempt == 0)
		first.attempt = 1;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_move(store, &first, &rev), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	return rev;
}

struct task
stores_get(struct stores *stores, const char *video_id)
{
	struct task task;
	assert_int_equal(store_task_get(stores->store, stores->arena, 0, video_id, &task), ERR_OK);
	return task;
}

enum err_code
stores_claim_video(struct stores *stores, const char *owner, int64_t now, int64_t until,
                   struct task *ret_task, int64_t *ret_tries)
{
	enum err_code err = ERR_NOT_FOUND;
	for (int64_t tries = 0; tries < 10 && err == ERR_NOT_FOUND; tries++) {
		const struct archive_due due = {.tries = tries, .before = now + 1};
		int64_t due_at;
		err = store_archive_due(stores->store, stores->arena, &due, ret_task, &due_at);
		*ret_tries = tries;
	}
	return err == ERR_OK ? store_archive_take(stores->store, ret_task->id, owner, until) : err;
}
