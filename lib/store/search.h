/* The index of prompts, by which lists find those that contain a text (list.h). Threads and errors as in
 * store.h.
 *
 * The prompts of each user are indexed in blocks of 64 tasks (gram.h), which store_search_index() makes, and
 * from which store_task_delete() takes tasks out. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/gram.h"

struct arena;
struct store;

/* Reads the tasks of the user's block that begins with `id` or before it, last; 0 of them where there is
 * none. For the files of this folder. */
enum err_code store_search_block(struct store *store, int64_t user_id, int64_t id,
                                 uint8_t ret_ids[GRAM_BLOCK * sizeof(int64_t)], size_t *ret_count);

/* Finds the last task of the user's that is in a block; 0 = none is. Likewise. */
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
