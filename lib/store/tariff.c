/* Tariffs: see tariff.h. */
#include "store/tariff.h"

#include <string.h>

#include "model/charge.h"
#include "store/db.h"

static const char *
side_of(const char *channel)
{
	return channel[0] == '\0' ? "price" : "cost";
}

/* Reads what a video is priced by. */
static void
read_rule(struct query *query, struct arena *arena, void *ret_tariff)
{
	*(struct tariff *)ret_tariff = (struct tariff){
	    .id = db_column_int(query, 0),
	    .model = db_column_copy(query, arena, 1),
	    .job = db_column_copy(query, arena, 2),
	    .size = db_column_copy(query, arena, 3),
	    .image = db_column_copy(query, arena, 4),
	    .audio = db_column_copy(query, arena, 5),
	    .images = db_column_int(query, 6),
	    .rate = {.flat = db_column_int(query, 7),
	             .per_second = db_column_int(query, 8),
	             .min_seconds = db_column_int(query, 9),
	             .step_seconds = db_column_int(query, 10)},
	    .default_seconds = db_column_int(query, 11),
	    .default_size = db_column_copy(query, arena, 12),
	    .max_seconds = db_column_int(query, 13),
	};
}

static void
read_tariff(struct query *query, struct arena *arena, void *ret_tariff)
{
	struct tariff *tariff = ret_tariff;
	read_rule(query, arena, tariff);
	tariff->channel = db_column_copy(query, arena, 14);
	const char *settle = db_column_text(query, 15);
	tariff->delivered = settle != NULL && strcmp(settle, "delivered") == 0;
	tariff->valid_from = db_column_int(query, 16);
	tariff->valid_until = db_column_int(query, 17);
	tariff->created_at = db_column_int(query, 18);
	tariff->created_by = db_column_copy(query, arena, 19);
	tariff->at_once = !db_column_null(query, 20);
}

enum err_code
store_tariff_valid(struct store *store, struct arena *arena, const char *channel, const char *model,
                   int64_t at, struct tariffs *ret_tariffs)
{
	struct query query = db_query(store, SQL_TARIFF_VALID);
	db_text(&query, ":side", side_of(channel));
	db_text(&query, ":channel", channel);
	db_text(&query, ":model", model);
	db_int(&query, ":at", at);
	return db_end_list(&query, arena, read_rule, sizeof(*ret_tariffs->items), &ret_tariffs->items,
	                   &ret_tariffs->count);
}

enum err_code
store_tariff_then(struct store *store, struct arena *arena, const char *channel, const struct charge *charge,
                  struct tariffs *ret_tariffs)
{
	struct query query = db_query(store, SQL_TARIFF_THEN);
	db_text(&query, ":side", side_of(channel));
	db_text(&query, ":channel", channel);
	db_text(&query, ":model", charge->model);
	db_int(&query, ":charge", charge->id);
	db_int(&query, ":at", charge->created_at);
	return db_end_list(&query, arena, read_rule, sizeof(*ret_tariffs->items), &ret_tariffs->items,
	                   &ret_tariffs->count);
}

enum err_code
store_tariff_list(struct store *store, struct arena *arena, bool costs, int64_t at,
                  struct tariffs *ret_tariffs)
{
	struct query query = db_query(store, at > 0 ? SQL_TARIFF_CURRENT : SQL_TARIFF_ALL);
	db_text(&query, ":side", costs ? "cost" : "price");
	if (at > 0)
		db_int(&query, ":at", at);
	return db_end_list(&query, arena, read_tariff, sizeof(*ret_tariffs->items), &ret_tariffs->items,
	                   &ret_tariffs->count);
}

enum err_code
store_tariff_get(struct store *store, struct arena *arena, int64_t id, struct tariff *ret_tariff)
{
	struct query query = db_query(store, SQL_TARIFF_GET);
	db_int(&query, ":id", id);
	return db_end_one(&query, arena, read_tariff, sizeof(*ret_tariff), ret_tariff);
}

/* Starts a statement about the tariffs of the same kind. */
static struct query
of_kind(struct store *store, enum sql_query name, const struct tariff *tariff)
{
	struct query query = db_query(store, name);
	db_text(&query, ":side", side_of(tariff->channel));
	db_text(&query, ":channel", tariff->channel);
	db_text(&query, ":model", tariff->model);
	db_text(&query, ":job", tariff->job);
	db_text(&query, ":size", tariff->size);
	db_text(&query, ":image", tariff->image);
	db_text(&query, ":audio", tariff->audio);
	db_int(&query, ":images", tariff->images);
	return query;
}

static enum err_code
insert(struct store *store, const struct tariff *tariff, int64_t from, int64_t until)
{
	struct query query = of_kind(store, SQL_TARIFF_ADD, tariff);
	db_int(&query, ":flat", tariff->rate.flat);
	db_int(&query, ":per_second", tariff->rate.per_second);
	db_int(&query, ":min_seconds", tariff->rate.min_seconds);
	db_int(&query, ":step_seconds", tariff->rate.step_seconds > 0 ? tariff->rate.step_seconds : 1);
	db_int(&query, ":default_seconds", tariff->default_seconds);
	db_text(&query, ":default_size", tariff->default_size);
	db_int(&query, ":max_seconds", tariff->max_seconds);
	db_text(&query, ":settle", tariff->delivered ? "delivered" : "asked");
	db_int(&query, ":valid_from", from);
	db_int(&query, ":valid_until", until);
	db_int(&query, ":created_at", tariff->created_at);
	db_text(&query, ":created_by", tariff->created_by);
	db_int(&query, ":at_once", tariff->valid_from <= 0);
	return db_run(&query);
}

/* Finds the first time, from `*from` on where it may be later, from which no other of the kind counts. */
static enum err_code
find_from(struct store *store, const struct tariff *tariff, int64_t *from)
{
	int64_t latest = 0;
	for (;; ++*from) {
		struct query query = of_kind(store, SQL_TARIFF_LATEST, tariff);
		db_int(&query, ":until", *from);
		enum err_code err = db_end_number(&query, -1, &latest);
		if (err != ERR_OK || latest < *from)
			return err;
		if (tariff->valid_from > 0)
			return ERR_CONFLICT;
	}
}

enum err_code
store_tariff_add(struct store *store, const struct tariff *tariff, int64_t *ret_id)
{
	const bool at_once = tariff->valid_from <= 0,
	           ahead = at_once || tariff->valid_from > tariff->created_at;
	int64_t from = at_once ? tariff->created_at : tariff->valid_from, until = 0;
	enum err_code err = find_from(store, tariff, &from);
	if (err != ERR_OK)
		return err;
	struct query query = of_kind(store, SQL_TARIFF_NEXT, tariff);
	db_int(&query, ":from", from);
	db_int(&query, ":ahead", ahead);
	err = db_end_number(&query, INT64_MAX, &until);
	if (err != ERR_OK)
		return err;
	query = of_kind(store, SQL_TARIFF_YIELD, tariff);
	db_int(&query, ":at", from);
	db_int(&query, ":at_once", at_once);
	db_int(&query, ":ahead", ahead);
	err = db_run(&query);
	if (err == ERR_OK)
		err = insert(store, tariff, from, until);
	if (err == ERR_OK)
		*ret_id = db_inserted(store);
	return err;
}

enum err_code
store_tariff_end(struct store *store, struct arena *arena, int64_t id, int64_t now)
{
	struct tariff tariff;
	enum err_code err = store_tariff_get(store, arena, id, &tariff);
	if (err != ERR_OK)
		return err;
	bool began = tariff.valid_from <= now || tariff.at_once;
	struct query query = db_query(store, SQL_TARIFF_END);
	db_int(&query, ":id", id);
	db_int(&query, ":at", began ? now : tariff.valid_from);
	db_int(&query, ":at_once", began);
	err = db_run_one(&query, ERR_NOT_FOUND);
	if (err != ERR_OK || began)
		return err;
	query = of_kind(store, SQL_TARIFF_EXTEND, &tariff);
	db_int(&query, ":from", tariff.valid_from);
	db_int(&query, ":until", tariff.valid_until);
	return db_run(&query);
}
