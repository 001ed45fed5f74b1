/* Indexing: see indexing.h. A database from before there was an index is taken in the same way, from its
 * first revision on. */
#include "domain/task/indexing.h"

#include "domain/env.h"
#include "store/search.h"
#include "store/store.h"

enum { NOTE_AFTER = 1000 /* changes: to note each few would be a write a second, for nothing */ };

static enum err_code
write_down(struct store *store, struct arena *arena, int64_t user_id, int64_t rev)
{
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK && user_id != 0)
		err = store_search_index(store, arena, user_id);
	if (err == ERR_OK)
		err = store_search_note(store, rev);
	return store_end(store, err);
}

enum err_code
indexing_step(const struct domain_env *env, struct arena *arena, struct indexing *indexing, bool *ret_more)
{
	struct store *store = env->store;
	int64_t come, user_id;
	bool more = false;
	enum err_code err = store_search_come(store, &come);
	if (err != ERR_OK)
		return err;
	/* Another poller has come further, or part of the index is to be made anew. */
	if (come > indexing->rev || come < indexing->noted)
		indexing->rev = come;
	indexing->noted = come;
	err = store_search_wanting(store, &indexing->rev, &user_id, &more);
	if (err == ERR_OK && (user_id != 0 || indexing->rev >= come + NOTE_AFTER)) {
		err = write_down(store, arena, user_id, indexing->rev);
		if (err == ERR_OK)
			indexing->noted = indexing->rev;
	}
	if (err == ERR_OK)
		*ret_more = more;
	return err;
}
