/* The walk goes by the index that fits the question best. Where a text is looked for, tasks that cannot have
 * it are passed over by the index of prompts: of one user without a further filter in order of creation whole
 * blocks are (candidates.h), else one task after the other is asked for. What is in no block yet is looked
 * at, and so is each where the filter leaves few. */
#include "store/walk.h"

#include <string.h>

#include "base/arena.h"
#include "base/fold.h"
#include "model/task_list.h"
#include "store/candidates.h"
#include "store/gram.h"
#include "store/row.h"
#include "store/search.h"

enum {
	/* The work of one walk, in ns, as measured on a slow machine. It is counted and not timed, so that
	 * the same question has the same answer however busy the machine is. */
	WORK_MOST = 12 * 1000 * 1000,
	WORK_BLOCK = CANDIDATES_BLOCK,
	WORK_KEY = 300,   /* of a task in an index that has all that is asked for */
	WORK_SKIP = 2600, /* of one whose row is looked at for that */
	WORK_ROW = 6000,  /* of one that is read */
	WORK_BYTE = 2,    /* of a prompt */
	FEW = 300,        /* tasks, each of which may be read */
	HITS = 8          /* tasks with the text as their id */
};

struct walk {
	struct store *store;
	struct arena *arena;
	const struct task_filter *filter;
	const struct task_page *page;
	struct fold_needle needle;
	struct candidates candidates;
	bool indexed; /* candidates are known */
	struct task hits[HITS];
	size_t hit_count, hit_next;
	struct task *found;
	size_t count;
	int64_t pass_over; /* matches, before those that are shown */
	int64_t left;      /* tasks that the filter may still let through */
	int64_t work;
	int64_t place; /* the key of the last task that was looked at */
	bool stopped;
};

/* ---- what is found ---- */

static int64_t
key_of(const struct walk *w, const struct task *task)
{
	return w->page->order == TASK_BY_UPDATED ? task->rev : task->id;
}

/* True where `a` comes before `b` on the page. */
static bool
before(const struct walk *w, int64_t a, int64_t b)
{
	return w->page->ascending ? a < b : a > b;
}

static bool
full(const struct walk *w)
{
	return w->count == (size_t)w->page->limit;
}

static void
add(struct walk *w, const struct task *task)
{
	if (w->pass_over > 0)
		w->pass_over--;
	else if (!full(w))
		w->found[w->count++] = *task;
}

/* Adds the hits whose key comes before this one or is it. Returns true where one is. */
static bool
add_hits(struct walk *w, int64_t key)
{
	bool is = false;
	for (; w->hit_next < w->hit_count && !before(w, key, key_of(w, &w->hits[w->hit_next]));
	     w->hit_next++) {
		is = key_of(w, &w->hits[w->hit_next]) == key;
		add(w, &w->hits[w->hit_next]);
	}
	return is;
}

/* Counts work, after it was done: a task at least is looked at in every walk. */
static void
work(struct walk *w, int64_t amount)
{
	w->work += amount;
	w->stopped = w->stopped || w->work + w->candidates.work > WORK_MOST;
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

/* Reads the task, which is a match where it has the text. compared: the filter lets it through, that is
 * known. */
static enum err_code
read_task(struct walk *w, int64_t id, int64_t key, bool compared)
{
	struct task task;
	struct query query = db_query(w->store, SQL_LIST_AT);
	db_int(&query, ":id", id);
	work(w, WORK_ROW);
	if (db_step(&query) && !add_hits(w, key) && !full(w)) {
		const char *prompt = w->filter->text != NULL ? row_prompt(&query) : "";
		if (w->filter->text != NULL && prompt != NULL)
			work(w, WORK_BYTE * (int64_t)strlen(prompt));
		if (w->filter->text == NULL || (prompt != NULL && fold_contains(prompt, &w->needle))) {
			row_shown(&query, w->arena, &task);
			if (query.err == ERR_OK && (compared || matches_filter(w->filter, &task)))
				add(w, &task);
		}
	}
	return db_end(&query);
}

/* ---- ids ---- */

static void
keep_hit(struct walk *w, const struct task *task)
{
	bool after = w->page->after == 0 || before(w, w->page->after, key_of(w, task));
	for (size_t i = 0; i < w->hit_count; i++)
		after = after && w->hits[i].id != task->id;
	if (after && w->hit_count < HITS && !task->deleted && matches_filter(w->filter, task))
		w->hits[w->hit_count++] = *task;
}

static void
sort_hits(struct walk *w)
{
	for (size_t i = 1; i < w->hit_count; i++) {
		struct task hit = w->hits[i];
		size_t at = i;
		for (; at > 0 && before(w, key_of(w, &hit), key_of(w, &w->hits[at - 1])); at--)
			w->hits[at] = w->hits[at - 1];
		w->hits[at] = hit;
	}
}

/* Ends a query for one task or none. */
static enum err_code
keep_one(struct walk *w, struct query *query)
{
	struct task task;
	enum err_code err = db_end_one(query, w->arena, row_shown, sizeof(task), &task);
	if (err == ERR_OK)
		keep_hit(w, &task);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Finds the tasks whose id the text is. */
static enum err_code
find_hits(struct walk *w)
{
	struct task *tasks;
	size_t count = 0;
	int64_t user_id = w->filter->user_id;
	struct query query = db_query(w->store, SQL_LIST_ONE);
	db_text(&query, ":video_id", w->filter->text);
	db_int(&query, ":user_id", user_id);
	enum err_code err = keep_one(w, &query);
	if (user_id != 0 && err == ERR_OK) {
		query = db_query(w->store, SQL_LIST_REQUESTED);
		db_text(&query, ":client_request_id", w->filter->text);
		db_int(&query, ":user_id", user_id);
		err = keep_one(w, &query);
	}
	if (err != ERR_OK)
		return err;
	query = db_query(w->store, SQL_SEARCH_UPSTREAM + (user_id != 0 ? SEARCH_UPSTREAM_USER : 0));
	db_text(&query, ":external_id", w->filter->text);
	if (user_id != 0)
		db_int(&query, ":user_id", user_id);
	db_int(&query, ":limit", HITS);
	err = row_list_shown(&query, w->arena, &tasks, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		keep_hit(w, &tasks[i]);
	sort_hits(w);
	return err;
}

/* ---- one by one ---- */

static struct query
keys(struct walk *w, int64_t after)
{
	const struct task_filter *filter = w->filter;
	const struct task_page *page = w->page;
	unsigned shape = (filter->user_id != 0 ? LIST_WALK_USER : 0) |
	                 (filter->status != TASK_STATUS__MAX ? LIST_WALK_STATUS : 0) |
	                 (filter->model != NULL ? LIST_WALK_MODEL : 0) |
	                 (filter->media_type != NULL ? LIST_WALK_MEDIA_TYPE : 0) |
	                 (page->order == TASK_BY_UPDATED ? LIST_WALK_UPDATED : 0) |
	                 (page->ascending ? LIST_WALK_ASCENDING : 0);
	struct query query = db_query(w->store, SQL_LIST_WALK + shape);
	db_int(&query, ":after", after != 0 ? after : page->ascending ? 0 : INT64_MAX);
	if (filter->user_id != 0)
		db_int(&query, ":user_id", filter->user_id);
	if (filter->status != TASK_STATUS__MAX)
		db_text(&query, ":status", task_status_word(filter->status));
	if (filter->model != NULL)
		db_text(&query, ":model", filter->model);
	if (filter->media_type != NULL)
		db_text(&query, ":media_type", filter->media_type);
	return query;
}

/* The work for a task that is passed over. */
static int64_t
work_of_key(const struct walk *w)
{
	const struct task_filter *f = w->filter;
	bool bare = f->status == TASK_STATUS__MAX && f->model == NULL;
	bool in_index = f->user_id != 0 || (bare && w->page->order == TASK_BY_UPDATED);
	return in_index && f->media_type == NULL ? WORK_KEY : WORK_SKIP;
}

/* Looks at a task that the filter lets through. */
static enum err_code
look_at(struct walk *w, int64_t key, int64_t id, int64_t user_id)
{
	bool candidate = true;
	enum err_code err = ERR_OK;
	if (w->filter->text == NULL && w->pass_over > 0) {
		w->pass_over--;
		return ERR_OK;
	}
	if (add_hits(w, key))
		return ERR_OK;
	if (w->indexed)
		err = candidates_have(&w->candidates, user_id, id, &candidate);
	return err == ERR_OK && candidate ? read_task(w, id, key, true) : err;
}

/* Looks at the tasks behind `after`, one by one, to the end or to the task `until`, which is left out; 0 = to
 * the end. */
static enum err_code
look_through(struct walk *w, int64_t after, int64_t until)
{
	int64_t each = work_of_key(w);
	enum err_code err = ERR_OK;
	struct query query = keys(w, after);
	while (err == ERR_OK && !full(w) && !w->stopped && w->left > 0 && db_step(&query)) {
		int64_t key = db_column_int(&query, 0);
		if (until != 0 && !before(w, key, until))
			break;
		if (db_column_bool(&query, 3)) {
			w->left--;
			err = look_at(w, key, db_column_int(&query, 1), db_column_int(&query, 2));
		}
		work(w, each);
		w->place = key;
	}
	enum err_code ended = db_end(&query);
	return err != ERR_OK ? err : ended;
}

/* ---- blocks ---- */

/* Looks through one block. */
static enum err_code
look_through_block(struct walk *w, const uint8_t *ids, size_t count)
{
	uint64_t candidates = 0;
	bool ascending = w->page->ascending;
	int64_t after = w->page->after;
	enum err_code err = candidates_of_block(&w->candidates, gram_id(ids, 0), &candidates);
	for (size_t i = 0; i < count && err == ERR_OK && candidates != 0; i++) {
		size_t n = ascending ? i : count - 1 - i;
		int64_t id = gram_id(ids, n);
		if ((candidates >> n & 1) == 0 || (after != 0 && !before(w, after, id)))
			continue;
		if (full(w) || w->stopped)
			return err;
		candidates &= ~((uint64_t)1 << n);
		err = read_task(w, id, id, false);
		w->place = id;
	}
	if (err == ERR_OK && !full(w) && (!w->stopped || candidates == 0))
		w->place = gram_id(ids, ascending ? count - 1 : 0);
	return err;
}

/* Looks through the user's blocks. */
static enum err_code
look_through_blocks(struct walk *w)
{
	bool ascending = w->page->ascending;
	size_t size;
	enum err_code err = ERR_OK;
	struct query query =
	    db_query(w->store, SQL_SEARCH_BLOCKS + (ascending ? SEARCH_BLOCKS_ASCENDING : 0));
	db_int(&query, ":user_id", w->filter->user_id);
	db_int(&query, ":after", w->page->after != 0 ? w->page->after : ascending ? 0 : INT64_MAX);
	while (err == ERR_OK && !full(w) && !w->stopped && db_step(&query)) {
		const uint8_t *ids = db_column_blob(&query, 1, &size);
		size_t count = size / sizeof(int64_t);
		if (count == 0 || count > GRAM_BLOCK)
			err = query.err != ERR_OK ? query.err : ERR_CORRUPT;
		else
			err = look_through_block(w, ids, count);
		work(w, WORK_BLOCK);
	}
	enum err_code ended = db_end(&query);
	return err != ERR_OK ? err : ended;
}

static enum err_code
look_through_all(struct walk *w)
{
	int64_t last = 0, after = w->page->after;
	enum err_code err = store_search_last(w->store, w->filter->user_id, &last);
	if (err != ERR_OK || last == 0)
		return err == ERR_OK ? look_through(w, after, 0) : err;
	if (w->page->ascending) {
		err = look_through_blocks(w);
		if (err == ERR_OK && !full(w) && !w->stopped)
			err = look_through(w, after > last ? after : last, 0);
		return err;
	}
	if (after == 0 || after > last)
		err = look_through(w, after, last);
	if (err == ERR_OK && !full(w) && !w->stopped)
		err = look_through_blocks(w);
	return err;
}

/* ---- the whole ---- */

static enum err_code
run(struct walk *w, bool few)
{
	const struct task_filter *f = w->filter;
	bool bare = f->status == TASK_STATUS__MAX && f->model == NULL && f->media_type == NULL;
	if (f->text == NULL)
		return look_through(w, w->page->after, 0);
	fold_needle_init(&w->needle, f->text);
	candidates_init(&w->candidates, w->store, w->arena, &w->needle);
	enum err_code err = find_hits(w);
	/* For all users an id is not looked for in prompts, too. */
	if (err != ERR_OK || (f->user_id == 0 && w->hit_count > 0))
		return err;
	if (f->user_id != 0 && bare && !few && w->page->order == TASK_BY_CREATED)
		return look_through_all(w);
	w->indexed = !few;
	return look_through(w, w->page->after, 0);
}

enum err_code
walk_tasks(struct store *store, struct arena *arena, const struct task_filter *filter,
           const struct task_page *page, int64_t total, struct task_found *ret_found)
{
	struct walk *w = arena_alloc(arena, sizeof(*w));
	struct task *found = arena_alloc(arena, (size_t)page->limit * sizeof(*found));
	if (w == NULL || found == NULL)
		return ERR_NO_MEMORY;
	*w = (struct walk){.store = store,
	                   .arena = arena,
	                   .filter = filter,
	                   .page = page,
	                   .found = found,
	                   .pass_over = page->offset,
	                   .left = page->after == 0 && total >= 0 ? total : INT64_MAX};
	enum err_code err = run(w, total >= 0 && total <= FEW);
	if (err != ERR_OK)
		return err;
	bool stopped = w->stopped && w->left > 0 && !full(w);
	/* Those before the place, too, whose blocks were passed over: the next page begins behind it. */
	add_hits(w, stopped ? w->place : page->ascending ? INT64_MAX : 0);
	stopped = stopped && !full(w);
	ret_found->tasks = w->found;
	ret_found->count = w->count;
	ret_found->stopped = stopped ? w->place : 0;
	return ERR_OK;
}
