/* Search. The tasks of one user are looked through in order of creation: those that are in no block one by
 * one, the blocks by their grams. Where the filter leaves few tasks each of them is looked at, whatever the
 * order. */
#include "store/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fold.h"
#include "store/gram.h"
#include "store/list.h"
#include "store/list_query.h"
#include "store/row.h"

enum {
	/* The work of one search, in ns, as measured on a slow machine. It is counted and not timed, so that
	 * the same question has the same answer however busy the machine is. */
	WORK_MOST = 12 * 1000 * 1000,
	WORK_BLOCK = 800,
	WORK_PART = 3000,
	WORK_ROW = 6000,
	WORK_BYTE = 2,    /* of a prompt */
	FEW = 300,        /* tasks, each of which may be looked at */
	HITS = 8,         /* tasks with the text as their id */
	GRAMS = 24,       /* of the text, which are tried */
	TRIED_BLOCKS = 4, /* … in so many blocks, to find the rarest */
	RAREST = 6        /* … of them, which are used in the others */
};

struct wanted_gram {
	uint32_t gram;
	uint64_t seen; /* tasks of the first blocks that have it */
};

struct search {
	struct store *store;
	struct arena *arena;
	const struct task_filter *filter;
	const struct task_page *page;
	const char *text;
	struct fold_needle needle;
	struct wanted_gram grams[GRAMS];
	size_t gram_count;
	int tried; /* blocks */
	struct task hits[HITS];
	size_t hit_count, hit_next;
	struct task *found;
	size_t count;
	int64_t pass_over; /* matches, before those that are shown */
	int64_t work;
	int64_t place; /* the key of the last task that was looked at */
	bool stopped;
};

/* ---- what is found ---- */

static int64_t
key_of(const struct search *s, const struct task *task)
{
	return s->page->order == TASK_BY_UPDATED ? task->rev : task->id;
}

/* True where `a` comes before `b` on the page. */
static bool
before(const struct search *s, int64_t a, int64_t b)
{
	return s->page->ascending ? a < b : a > b;
}

static bool
full(const struct search *s)
{
	return s->count == (size_t)s->page->limit;
}

static void
add(struct search *s, const struct task *task)
{
	if (s->pass_over > 0)
		s->pass_over--;
	else if (!full(s))
		s->found[s->count++] = *task;
}

/* Adds the hits whose key comes before this one or is it. Returns true where one is. */
static bool
add_hits(struct search *s, int64_t key)
{
	bool is = false;
	for (; s->hit_next < s->hit_count && !before(s, key, key_of(s, &s->hits[s->hit_next]));
	     s->hit_next++) {
		is = key_of(s, &s->hits[s->hit_next]) == key;
		add(s, &s->hits[s->hit_next]);
	}
	return is;
}

/* Counts work. False where there may be no more of it; then the search has stopped after `place`. */
static bool
work(struct search *s, int64_t amount)
{
	s->work += amount;
	s->stopped = s->stopped || s->work > WORK_MOST;
	return !s->stopped;
}

static bool
matches_filter(const struct task_filter *filter, const struct task *task)
{
	const char *model = task->facts.model != NULL ? task->facts.model : task->model;
	return (filter->user_id == 0 || filter->user_id == task->user_id) &&
	       (filter->status == TASK_STATUS__MAX || filter->status == task_state_status(task->state)) &&
	       (filter->model == NULL || (model != NULL && strcmp(filter->model, model) == 0)) &&
	       (filter->media_type == NULL || strcmp(filter->media_type, task->media_type) == 0);
}

/* Looks at the row of task_shown that the query stands on. The work of it is counted afterwards: at least one
 * task is looked at in every search. */
static void
look_at(struct search *s, struct query *query, int64_t key)
{
	struct task task;
	const char *prompt = row_prompt(query);
	s->place = key;
	if (prompt == NULL || add_hits(s, key) || full(s))
		return;
	work(s, WORK_ROW + WORK_BYTE * (int64_t)strlen(prompt));
	if (!fold_contains(prompt, &s->needle))
		return;
	row_shown(query, s->arena, &task);
	if (query->err == ERR_OK && matches_filter(s->filter, &task))
		add(s, &task);
}

/* ---- ids ---- */

static void
keep_hit(struct search *s, const struct task *task)
{
	bool after = s->page->after == 0 || before(s, s->page->after, key_of(s, task));
	for (size_t i = 0; i < s->hit_count; i++)
		after = after && s->hits[i].id != task->id;
	if (after && s->hit_count < HITS && !task->deleted && matches_filter(s->filter, task))
		s->hits[s->hit_count++] = *task;
}

static void
sort_hits(struct search *s)
{
	for (size_t i = 1; i < s->hit_count; i++) {
		struct task hit = s->hits[i];
		size_t at = i;
		for (; at > 0 && before(s, key_of(s, &hit), key_of(s, &s->hits[at - 1])); at--)
			s->hits[at] = s->hits[at - 1];
		s->hits[at] = hit;
	}
}

/* Finds the tasks whose id the text is. */
static enum err_code
find_hits(struct search *s)
{
	struct task task, *tasks;
	size_t count;
	int64_t user_id = s->filter->user_id;
	enum err_code err = store_task_shown(s->store, s->arena, user_id, s->text, &task);
	if (err == ERR_OK)
		keep_hit(s, &task);
	else if (err != ERR_TASK_NOT_FOUND)
		return err;
	err = ERR_NOT_FOUND;
	if (user_id != 0)
		err = store_task_requested(s->store, s->arena, user_id, s->text, &task);
	if (err == ERR_OK)
		keep_hit(s, &task);
	else if (err != ERR_NOT_FOUND)
		return err;
	struct query query = db_query(s->store, SQL_SEARCH_UPSTREAM);
	db_text(&query, ":external_id", s->text);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":limit", HITS);
	err = row_list_shown(&query, s->arena, &tasks, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		keep_hit(s, &tasks[i]);
	sort_hits(s);
	return err;
}

/* ---- one by one ---- */

/* Looks at the tasks behind `after`, one by one, to the end or to the task `until`, which is left out; 0 = to
 * the end. The media type is compared here, as no index has it: none is passed over for nothing. */
static enum err_code
look_through(struct search *s, int64_t after, int64_t until)
{
	struct task_filter filter = *s->filter;
	struct task_page page = *s->page;
	filter.media_type = NULL;
	page.after = after;
	page.offset = 0;
	page.limit = INT64_MAX;
	struct query query = list_query(s->store, &filter, &page);
	while (!full(s) && !s->stopped && db_step(&query)) {
		struct row_key row = row_key(&query);
		int64_t key = page.order == TASK_BY_UPDATED ? row.rev : row.id;
		if (until != 0 && !before(s, key, until))
			break;
		look_at(s, &query, key);
	}
	return db_end(&query);
}

/* ---- blocks ---- */

static void
want_grams(struct search *s)
{
	struct gram_before passed = {0};
	uint32_t grams[GRAM_MOST];
	for (size_t i = 0; i < s->needle.count; i++) {
		size_t count = gram_take(&passed, s->needle.text[i], grams);
		/* An ASCII character by itself tells least, and its pairs have it. */
		size_t first = s->needle.count > 1 && s->needle.text[i] < 0x80 ? 1 : 0;
		for (size_t g = first; g < count && s->gram_count < GRAMS; g++) {
			size_t at = 0;
			while (at < s->gram_count && s->grams[at].gram != grams[g])
				at++;
			s->grams[at].gram = grams[g];
			s->gram_count += at == s->gram_count;
		}
	}
}

static int
rarest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct wanted_gram *)a)->seen, y = ((const struct wanted_gram *)b)->seen;
	return x < y ? -1 : x > y;
}

/* Finds the tasks of the block that have the gram. */
static enum err_code
look_up(struct search *s, int64_t first_id, uint32_t gram, uint64_t *ret_tasks)
{
	size_t size = 0;
	uint64_t tasks = 0;
	struct query query = db_query(s->store, SQL_SEARCH_PART);
	db_int(&query, ":id", gram_row(first_id, gram_part(gram)));
	if (db_step(&query)) {
		const uint8_t *bits = db_column_blob(&query, 0, &size);
		tasks = bits != NULL ? gram_look_up(bits, size, gram) : 0;
	}
	work(s, WORK_PART);
	*ret_tasks = tasks;
	return db_end(&query);
}

/* Finds the tasks of the block that may contain the text. In the first blocks every gram is looked up, so
 * that the rarest are known; then those, as long as a task is left. */
static enum err_code
find_candidates(struct search *s, int64_t first_id, uint64_t *ret_tasks)
{
	bool trying = s->tried < TRIED_BLOCKS;
	uint64_t left = UINT64_MAX, tasks;
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < s->gram_count && err == ERR_OK; i++) {
		if (!trying && (left == 0 || i == RAREST))
			break;
		err = look_up(s, first_id, s->grams[i].gram, &tasks);
		left &= tasks;
		s->grams[i].seen += (uint64_t)__builtin_popcountll(tasks);
	}
	if (trying && ++s->tried == TRIED_BLOCKS)
		qsort(s->grams, s->gram_count, sizeof(s->grams[0]), rarest_first);
	*ret_tasks = left;
	return err;
}

static enum err_code
look_at_task(struct search *s, int64_t id)
{
	struct query query = db_query(s->store, SQL_SEARCH_AT);
	db_int(&query, ":id", id);
	if (db_step(&query))
		look_at(s, &query, id);
	else
		work(s, WORK_ROW);
	s->place = id;
	return db_end(&query);
}

/* Looks through one block. */
static enum err_code
look_through_block(struct search *s, const uint8_t *ids, size_t count)
{
	uint64_t candidates = 0;
	bool ascending = s->page->ascending;
	int64_t after = s->page->after;
	enum err_code err = find_candidates(s, gram_id(ids, 0), &candidates);
	for (size_t i = 0; i < count && err == ERR_OK && candidates != 0; i++) {
		size_t n = ascending ? i : count - 1 - i;
		int64_t id = gram_id(ids, n);
		if ((candidates >> n & 1) == 0 || (after != 0 && !before(s, after, id)))
			continue;
		if (full(s) || s->stopped)
			return err;
		candidates &= ~((uint64_t)1 << n);
		err = look_at_task(s, id);
	}
	if (err == ERR_OK && !full(s) && (!s->stopped || candidates == 0))
		s->place = gram_id(ids, ascending ? count - 1 : 0);
	return err;
}

/* Looks through the user's blocks. */
static enum err_code
look_through_blocks(struct search *s)
{
	bool ascending = s->page->ascending;
	size_t size;
	enum err_code err = ERR_OK;
	struct query query =
	    db_query(s->store, SQL_SEARCH_BLOCKS + (ascending ? SEARCH_BLOCKS_ASCENDING : 0));
	db_int(&query, ":user_id", s->filter->user_id);
	db_int(&query, ":after", s->page->after != 0 ? s->page->after : ascending ? 0 : INT64_MAX);
	while (err == ERR_OK && !full(s) && !s->stopped && db_step(&query)) {
		const uint8_t *ids = db_column_blob(&query, 1, &size);
		size_t count = size / sizeof(int64_t);
		work(s, WORK_BLOCK);
		if (count == 0 || count > GRAM_BLOCK)
			err = query.err != ERR_OK ? query.err : ERR_CORRUPT;
		else
			err = look_through_block(s, ids, count);
	}
	enum err_code ended = db_end(&query);
	return err != ERR_OK ? err : ended;
}

/* ---- the whole ---- */

/* Counts the tasks that an index finds for the filter. */
static enum err_code
count_few(struct search *s, bool *ret_few)
{
	struct task_filter filter = *s->filter;
	int64_t count = 0;
	filter.media_type = NULL;
	if (filter.status != TASK_STATUS__MAX)
		filter.model = NULL;
	enum err_code err = store_task_count(s->store, &filter, &count);
	*ret_few = count <= FEW;
	return err;
}

static enum err_code
run(struct search *s)
{
	int64_t last = 0, after = s->page->after;
	bool few = false;
	enum err_code err = find_hits(s);
	if (err == ERR_OK)
		err = count_few(s, &few);
	if (err != ERR_OK)
		return err;
	if (!few && (s->page->order == TASK_BY_UPDATED || s->filter->user_id == 0))
		return s->hit_count > 0 ? ERR_OK : look_through(s, after, 0);
	if (!few)
		err = store_search_last(s->store, s->filter->user_id, &last);
	if (err != ERR_OK || last == 0)
		return err == ERR_OK ? look_through(s, after, 0) : err;
	want_grams(s);
	if (s->page->ascending) {
		err = look_through_blocks(s);
		if (err == ERR_OK && !full(s) && !s->stopped)
			err = look_through(s, after > last ? after : last, 0);
		return err;
	}
	if (after == 0 || after > last)
		err = look_through(s, after, last);
	if (err == ERR_OK && !full(s) && !s->stopped)
		err = look_through_blocks(s);
	return err;
}

enum err_code
store_task_search(struct store *store, struct arena *arena, const struct task_filter *filter,
                  const struct task_page *page, const char *text, struct task_found *ret_found)
{
	struct search *s = arena_alloc(arena, sizeof(*s));
	struct task *found = arena_alloc(arena, (size_t)page->limit * sizeof(*found));
	if (s == NULL || found == NULL)
		return ERR_NO_MEMORY;
	*s = (struct search){.store = store,
	                     .arena = arena,
	                     .filter = filter,
	                     .page = page,
	                     .text = text,
	                     .found = found,
	                     .pass_over = page->offset};
	fold_needle_init(&s->needle, text);
	enum err_code err = run(s);
	if (err != ERR_OK)
		return err;
	bool stopped = s->stopped && !full(s);
	if (!stopped)
		add_hits(s, page->ascending ? INT64_MAX : 0);
	*ret_found =
	    (struct task_found){.tasks = s->found, .count = s->count, .stopped = stopped ? s->place : 0};
	return ERR_OK;
}
