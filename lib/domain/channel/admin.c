/* The operator's verbs. What is refused here would otherwise be found out by the first task, so everything
 * that can be known of a channel without asking it is checked before it is written. */
#include "domain/channel/admin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/secret.h"
#include "domain/channel/model_list.h"
#include "domain/webhook/signature.h"
#include "store/channel.h"
#include "store/store.h"
#include "upstream/dialect/dialect.h"

enum { NAME_MOST = 64, WEIGHT_MOST = 1000000, LIMIT_MOST = 1000000 };

static const char default_name[] = "default";

static bool say(const struct admin_ctx *place, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Always false. */
static bool
say(const struct admin_ctx *place, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(place->why, place->why_size, format, args);
	va_end(args);
	return false;
}

static bool
failed(const struct admin_ctx *place, enum err_code err)
{
	return err == ERR_OK || say(place, "%s", err_text(err, "en"));
}

/* ---- checks ---- */

/* An address without a path's end, a query or a name in it: "https://host", "http://host:1/prefix". */
static bool
base_ok(const struct admin_ctx *place, const char *base)
{
	const char *host = strncasecmp(base, "https://", 8) == 0  ? base + 8
	                   : strncasecmp(base, "http://", 7) == 0 ? base + 7
	                                                          : "";
	size_t len = strlen(base);
	bool good = host[0] != '\0' && host[0] != '/' && host[0] != ':' && base[len - 1] != '/' &&
	            len <= LIMIT_URL && !strpbrk(host, "?#@ \\");
	for (const char *p = base; *p && good; p++)
		good = *p > ' ' && *p <= '~';
	return good || say(place, "the base must be an address such as https://api.example.com, without a "
	                          "slash at its end");
}

static bool
dialect_ok(const struct admin_ctx *place, struct arena *arena, const char *name)
{
	const char *own = arena_printf(arena, "%s/dialects", place->config->data);
	const char *path = arena_printf(arena, "%s/%s.json", own, name);
	if (arena_failed(arena))
		return failed(place, ERR_NO_MEMORY);
	struct dialect *dialect =
	    dialect_load(access(path, F_OK) == 0 ? own : place->dialects, name, place->why, place->why_size);
	dialect_free(dialect);
	return dialect != NULL;
}

static bool
numbers_ok(const struct admin_ctx *place, const struct channel_row *row)
{
	if (row->weight < 1 || row->weight > WEIGHT_MOST)
		return say(place, "a weight is from 1 to %d", WEIGHT_MOST);
	if (row->priority < -LIMIT_MOST || row->priority > LIMIT_MOST)
		return say(place, "a priority is from -%d to %d", LIMIT_MOST, LIMIT_MOST);
	if (row->concurrency < 0 || row->concurrency > LIMIT_MOST || row->rate < 0 || row->rate > LIMIT_MOST)
		return say(place, "a limit is from 0 (none) to %d", LIMIT_MOST);
	return true;
}

static bool
secret_ok(const struct admin_ctx *place, struct arena *arena, const char *source, bool signs)
{
	if (source == NULL || source[0] == '\0')
		return true;
	/* The environment of the programs need not be that of the operator. */
	if (strncmp(source, "env:", 4) == 0)
		return ids_is_word(source + 4, NAME_MOST) ||
		       say(place, "%s is no name of a variable", source + 4);
	const char *secret = secret_read(arena, source, place->why, place->why_size);
	if (secret != NULL && signs && !signature_secret_good(secret))
		return say(place, "the secret of its webhooks cannot be used: %s", SIGNATURE_BAD_SECRET);
	return secret != NULL;
}

static bool
check(const struct admin_ctx *place, struct arena *arena, const struct channel_edit *order,
      const struct channel_row *row)
{
	struct model_list models;
	if (row->base != NULL && (!base_ok(place, row->base) || !dialect_ok(place, arena, row->dialect)))
		return false;
	return model_list_read(arena, row->models, &models, place->why, place->why_size) &&
	       numbers_ok(place, row) && secret_ok(place, arena, order->key, false) &&
	       secret_ok(place, arena, order->webhook, true);
}

/* ---- writing ---- */

static void
take(const struct channel_edit *order, struct channel_row *row)
{
	row->name = order->name;
	row->base = order->base != NULL ? order->base : row->base;
	row->dialect = order->dialect != NULL ? order->dialect : row->dialect;
	row->models = order->models != NULL ? order->models : row->models;
	if (order->webhook != NULL)
		row->webhook = order->webhook[0] != '\0' ? order->webhook : NULL;
	if (order->priority != UNCHANGED_PRIORITY)
		row->priority = order->priority;
	if (order->weight != UNCHANGED)
		row->weight = order->weight;
	if (order->concurrency != UNCHANGED)
		row->concurrency = order->concurrency;
	if (order->rate != UNCHANGED)
		row->rate = order->rate;
	if (order->idempotency != UNCHANGED)
		row->idempotency = order->idempotency != 0;
	if (order->private != UNCHANGED)
		row->private = order->private != 0;
	if (order->enabled != UNCHANGED)
		row->enabled = order->enabled != 0;
}

/* The row of that name; one that says nothing where there is none. */
static enum err_code
find(const struct admin_ctx *place, struct arena *arena, const char *name, struct channel_row *ret_row)
{
	struct channel_row *rows;
	size_t count;
	enum err_code err = store_channels_all(place->store, arena, &rows, &count);
	if (err != ERR_OK)
		return err;
	*ret_row = (struct channel_row){.name = name, .models = "", .weight = 1, .enabled = true};
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			*ret_row = rows[i];
	return ERR_OK;
}

/* Writes the row; `moves`: it goes to another base, where no key before this one leads. */
static bool
write_down(const struct admin_ctx *place, const struct channel_edit *order, const struct channel_row *row,
           bool moves)
{
	enum err_code err = store_channel_put(place->store, row);
	if (err == ERR_OK && moves)
		err = store_channel_drop_key(place->store, row->name, NULL);
	if (err == ERR_OK && order->key != NULL)
		err = store_channel_add_key(place->store, row->name, order->key);
	return failed(place, store_end(place->store, err));
}

static bool
differs(const char *wanted, const char *is)
{
	return wanted != NULL && is != NULL && strcmp(wanted, is) != 0;
}

/* Whether the channel may go to another base, or speak another dialect: its jobs would be looked for where
 * they are not, and its keys sent to who never gave them. */
static bool
may_move(const struct admin_ctx *place, const struct channel_edit *order, const struct channel_row *row)
{
	struct channel_load load;
	if (!differs(order->base, row->base) && !differs(order->dialect, row->dialect))
		return true;
	if (!failed(place, store_channel_load(place->store, row->name, &load)))
		return false;
	if (load.under_way > 0)
		return say(place,
		           "%" PRId64
		           " jobs of the channel %s are under way where it is now; disable it until "
		           "they have ended, or add another channel",
		           load.under_way, row->name);
	return !differs(order->base, row->base) || row->key_count == 0 || order->key != NULL ||
	       say(place, "another base needs its key named, too, even if that is the same; the keys of "
	                  "the one before are forgotten");
}

/* Whether the channel may be changed so; `row` as it is. */
static bool
may(const struct admin_ctx *place, const struct channel_edit *order, const struct channel_row *row, bool add)
{
	bool preset = strcmp(order->name, default_name) == 0;
	if (!ids_is_word(order->name, NAME_MOST))
		return say(place, "a name has 1 to %d letters, digits and . _ - :", NAME_MOST);
	if (add && (preset || row->base != NULL))
		return say(place, "there is a channel %s already", order->name);
	if (preset && (order->base != NULL || order->dialect != NULL || order->key != NULL ||
	               order->webhook != NULL || order->idempotency >= 0 || order->private >= 0))
		return say(place, "where default is, and how, stands in the configuration");
	if (!add && !preset && row->base == NULL)
		return say(place, "there is no channel %s", order->name);
	if (add && order->base == NULL)
		return say(place, "a channel needs a base");
	if (add && order->dialect == NULL)
		return say(place, "a channel needs a dialect, such as sora or openai");
	return may_move(place, order, row);
}

static bool
put(const struct admin_ctx *place, const struct channel_edit *order, bool add)
{
	struct channel_row row;
	struct arena *arena = arena_new();
	if (arena == NULL)
		return failed(place, ERR_NO_MEMORY);
	bool good = failed(place, store_begin(place->store, STORE_DURABLE)) &&
	            failed(place, find(place, arena, order->name, &row)) && may(place, order, &row, add);
	if (good) {
		bool moves = differs(order->base, row.base);
		take(order, &row);
		good = check(place, arena, order, &row) && write_down(place, order, &row, moves);
	}
	store_rollback(place->store);
	arena_free(arena);
	return good;
}

bool
channel_admin_add(const struct admin_ctx *place, const struct channel_edit *order)
{
	return put(place, order, true);
}

bool
channel_admin_set(const struct admin_ctx *place, const struct channel_edit *order)
{
	return put(place, order, false);
}

static bool
remove_row(const struct admin_ctx *place, struct arena *arena, const char *name)
{
	struct channel_row row;
	struct channel_load load;
	if (!failed(place, find(place, arena, name, &row)))
		return false;
	if (row.base == NULL)
		return say(place, "there is no channel %s of yours", name);
	if (!failed(place, store_channel_load(place->store, name, &load)))
		return false;
	if (load.under_way + load.waiting > 0)
		return say(place,
		           "%" PRId64
		           " tasks still need the channel %s; `longreel channel disable` keeps new ones "
		           "away",
		           load.under_way + load.waiting, name);
	/* The row stays for the tasks that name it. */
	row = (struct channel_row){.name = name, .models = "", .weight = 1, .enabled = true};
	enum err_code err = store_channel_put(place->store, &row);
	if (err == ERR_OK)
		err = store_channel_drop_key(place->store, name, NULL);
	return failed(place, store_end(place->store, err));
}

bool
channel_admin_remove(const struct admin_ctx *place, const char *name)
{
	struct arena *arena = arena_new();
	if (arena == NULL)
		return failed(place, ERR_NO_MEMORY);
	bool good = failed(place, store_begin(place->store, STORE_DURABLE)) && remove_row(place, arena, name);
	store_rollback(place->store);
	arena_free(arena);
	return good;
}
