/* Search: the tasks whose prompt contains a text, or whose id it is. Threads and errors as in store.h.
 *
 * The prompts of each user are indexed in blocks of 64 (gram.h), which store_search_index() makes, and from
 * which store_task_delete() takes tasks out. What a block names is looked at before it is found, so that a
 * search never finds more than it should; what is not in a block yet is looked at one by one. A search does a
 * bounded amount of work, some 10 ms, and holds back checkpoints no longer; it says where it has stopped. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;
struct task;
struct task_filter;
struct task_page;

/* What a search has found. */
struct task_found {
	struct task *tasks; /* in the arena, in the order of the page */
	size_t count;
	int64_t stopped; /* where it has stopped: the page that begins after this has what is missing here; 0
	                    = nothing is missing */
};

/* Finds the tasks that match the filter and either contain `text` in their prompt (base/fold.h says what is
 * the same) or have it as their id: ours, the client's (of this user's tasks), the upstream's (of the
 * youngest 8 tasks). The page's limit is at most LIMIT_PAGE_SIZE + 1. The index serves the order of creation
 * of one user's tasks; in the order of updates and for all users every task is looked at, except where `text`
 * is an id: then that is all.
 */
enum err_code store_task_search(struct store *store, struct arena *arena, const struct task_filter *filter,
                                const struct task_page *page, const char *text, struct task_found *ret_found);

/* Finds the last task of the user's that is in a block; 0 = none is. For store/search.c. */
enum err_code store_search_last(struct store *store, int64_t user_id, int64_t *ret_id);

/* Finds a user with enough tasks in no block for another one, among those whose tasks have changed behind the
 * revision *rev; 0 = none. *rev moves on, past all changes that were looked at and need no block; *ret_more:
 * there are others. */
enum err_code store_search_wanting(struct store *store, int64_t *rev, int64_t *ret_user_id, bool *ret_more);

/* Makes the next block of the user's tasks, where there are still enough, inside a transaction. */
enum err_code store_search_index(struct store *store, struct arena *arena, int64_t user_id);

/* Read and note, inside a transaction, how far store_search_wanting() has come. */
enum err_code store_search_come(struct store *store, int64_t *ret_rev);
enum err_code store_search_note(struct store *store, int64_t rev);

/* Takes a task, whose row is still there, out of the index, inside a transaction. For store/effect.c. */
enum err_code store_search_forget(struct store *store, int64_t id);

/* Compares a block with the prompts of its tasks: the first one that begins behind the task *first_id, which
 * becomes its own first; 0 = there is none behind it. */
enum err_code
store_search_check(struct store *store, struct arena *arena, int64_t *first_id, bool *ret_match);

/* Compares at most `most` blocks so, spread over all, while others write. Not inside a transaction. */
enum err_code
store_search_check_some(struct store *store, struct arena *arena, int64_t most, bool *ret_match);

/* Removes the whole index, inside a transaction; it is made anew. */
enum err_code store_search_clear(struct store *store);

#endif
