/* Adding, changing and removing channels. Checks all that can be known of a channel without asking it before
 * writing it: else the first task would find the fault. */
#include "domain/channel/admin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/secret.h"
#include "domain/channel/model_list.h"
#include "domain/webhook/signature.h"
#include "model/channel_row.h"
#include "store/budget.h"
#include "store/channel.h"
#include "store/store.h"
#include "upstream/dialect/dialect.h"

enum { NAME_MOST = 64, WEIGHT_MOST = 1000000, LIMIT_MOST = 1000000 };

_Static_assert(NAME_MOST == 64, "as a sentence below says");

static bool say(const struct admin_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the sentence to ctx->why. Always false. */
static bool
say(const struct admin_ctx *ctx, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(ctx->why, ctx->why_size, format, args);
	va_end(args);
	return false;
}

/* True with ERR_OK; else false, after saying what the error means. */
static bool
ok_or_say(const struct admin_ctx *ctx, enum err_code err)
{
	return err == ERR_OK || say(ctx, "%s", err_text(err, "en"));
}

/* ---- checks ---- */

bool
channel_base_good(const char *base)
{
	const char *host = strncasecmp(base, "https://", 8) == 0  ? base + 8
	                   : strncasecmp(base, "http://", 7) == 0 ? base + 7
	                                                          : "";
	size_t len = strlen(base);
	bool good = host[0] != '\0' && host[0] != '/' && host[0] != ':' && base[len - 1] != '/' &&
	            len <= LIMIT_URL && !strpbrk(host, "?#@ \\");
	for (const char *p = base; *p && good; p++)
		good = *p > ' ' && *p <= '~';
	return good;
}

static bool
base_ok(const struct admin_ctx *ctx, const char *base)
{
	return channel_base_good(base) || say(ctx, "%s", CHANNEL_BAD_BASE);
}

static bool
dialect_ok(const struct admin_ctx *ctx, const char *name)
{
	struct dialect *dialect =
	    dialect_load_for(ctx->config->data, ctx->dialects, name, ctx->why, ctx->why_size);
	dialect_free(dialect);
	return dialect != NULL;
}

static bool
numbers_ok(const struct admin_ctx *ctx, const struct channel_row *row)
{
	if (row->weight < 1 || row->weight > WEIGHT_MOST)
		return say(ctx, "the weight must be from 1 to %d", WEIGHT_MOST);
	if (row->priority < -LIMIT_MOST || row->priority > LIMIT_MOST)
		return say(ctx, "the priority must be from -%d to %d", LIMIT_MOST, LIMIT_MOST);
	if (row->concurrency < 0 || row->concurrency > LIMIT_MOST || row->rate < 0 || row->rate > LIMIT_MOST)
		return say(ctx, "a limit must be from 0 (none) to %d", LIMIT_MOST);
	return true;
}

/* True where the secret at `source` can be read; `signs`: and signatures be made with it. */
static bool
secret_ok(const struct admin_ctx *ctx, struct arena *arena, const char *source, bool signs)
{
	if (source == NULL || source[0] == '\0')
		return true;
	/* It is read by the programs, whose environment need not be the operator's. */
	if (strncmp(source, "env:", 4) == 0)
		return ids_is_word(source + 4, NAME_MOST) ||
		       say(ctx, "%s is not the name of a variable", source + 4);
	const char *secret = secret_read(arena, source, ctx->why, ctx->why_size);
	if (secret != NULL && signs && !signature_secret_good(secret))
		return say(ctx, "the secret of its webhooks cannot be used: %s", SIGNATURE_BAD_SECRET);
	return secret != NULL;
}

static bool
row_ok(const struct admin_ctx *ctx, struct arena *arena, const struct channel_edit *edit,
       const struct channel_row *row)
{
	struct model_list models;
	const char *const *names;
	if (row->base != NULL && (!base_ok(ctx, row->base) || !dialect_ok(ctx, row->dialect)))
		return false;
	return model_list_read(arena, row->models, &models, ctx->why, ctx->why_size) &&
	       name_list_read(arena, row->extra_allow, &names, ctx->why, ctx->why_size) &&
	       numbers_ok(ctx, row) && secret_ok(ctx, arena, edit->key, false) &&
	       secret_ok(ctx, arena, edit->webhook, true);
}

/* ---- writing ---- */

static void
apply_edit(const struct channel_edit *edit, struct channel_row *row)
{
	row->name = edit->name;
	row->base = edit->base != NULL ? edit->base : row->base;
	row->dialect = edit->dialect != NULL ? edit->dialect : row->dialect;
	row->models = edit->models != NULL ? edit->models : row->models;
	row->extra_allow = edit->extra_allow != NULL ? edit->extra_allow : row->extra_allow;
	if (edit->webhook != NULL)
		row->webhook = edit->webhook[0] != '\0' ? edit->webhook : NULL;
	if (edit->priority != UNCHANGED_PRIORITY)
		row->priority = edit->priority;
	if (edit->weight != UNCHANGED)
		row->weight = edit->weight;
	if (edit->concurrency != UNCHANGED)
		row->concurrency = edit->concurrency;
	if (edit->rate != UNCHANGED)
		row->rate = edit->rate;
	if (edit->idempotency != UNCHANGED)
		row->idempotency = edit->idempotency != 0;
	if (edit->private != UNCHANGED)
		row->private = edit->private != 0;
	if (edit->enabled != UNCHANGED)
		row->enabled = edit->enabled != 0;
}

/* The row of that name; a new one where there is none. */
static enum err_code
find_row(const struct admin_ctx *ctx, struct arena *arena, const char *name, struct channel_row *ret_row)
{
	struct channel_row *rows;
	size_t count;
	enum err_code err = store_channels_all(ctx->store, arena, &rows, &count);
	if (err != ERR_OK)
		return err;
	*ret_row = channel_row_new(name);
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			*ret_row = rows[i];
	return ERR_OK;
}

static enum err_code
write_budgets(const struct admin_ctx *ctx, const struct channel_edit *edit)
{
	enum err_code err = ERR_OK;
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX && err == ERR_OK; window++) {
		const struct budget_row row = {BUDGET_CHANNEL, edit->name, window,
		                               edit->budgets[window].amount};
		if (edit->budgets[window].set)
			err = store_budget_set(ctx->store, &row);
	}
	return err;
}

/* Writes the row and commits; `moves`: to another base, to which no earlier key belongs. */
static bool
write_row(const struct admin_ctx *ctx, const struct channel_edit *edit, const struct channel_row *row,
          bool moves)
{
	enum err_code err = store_channel_put(ctx->store, row);
	if (err == ERR_OK && moves)
		err = store_channel_drop_key(ctx->store, row->name, NULL);
	if (err == ERR_OK && edit->key != NULL)
		err = store_channel_add_key(ctx->store, row->name, edit->key);
	if (err == ERR_OK)
		err = write_budgets(ctx, edit);
	return ok_or_say(ctx, store_end(ctx->store, err));
}

static bool
differs(const char *wanted, const char *is)
{
	return wanted != NULL && is != NULL && strcmp(wanted, is) != 0;
}

/* True where base and dialect may change so: else jobs would be looked for where they are not, and keys sent
 * where they do not belong. */
static bool
may_move(const struct admin_ctx *ctx, const struct channel_edit *edit, const struct channel_row *row)
{
	struct channel_load load;
	if (!differs(edit->base, row->base) && !differs(edit->dialect, row->dialect))
		return true;
	if (!ok_or_say(ctx, store_channel_load(ctx->store, row->name, &load)))
		return false;
	if (load.under_way > 0)
		return say(ctx,
		           "%" PRId64 " jobs of the channel %s are under way where it is now; disable it and "
		           "wait until they have ended, or add another channel",
		           load.under_way, row->name);
	return !differs(edit->base, row->base) || row->key_count == 0 || edit->key != NULL ||
	       say(ctx, "another base needs its key, too, even if it is the same: the keys for the earlier "
	                "base are dropped");
}

/* True where the edit says no more of "default" than the configuration leaves open. */
static bool
is_open_of_default(const struct channel_edit *edit)
{
	return edit->base == NULL && edit->dialect == NULL && edit->key == NULL && edit->webhook == NULL &&
	       edit->idempotency == UNCHANGED && edit->private == UNCHANGED;
}

/* True where the channel may be added, or changed, so; `row` as it is. */
static bool
may_edit(const struct admin_ctx *ctx, const struct channel_edit *edit, const struct channel_row *row,
         bool add)
{
	bool preset = strcmp(edit->name, CHANNEL_DEFAULT) == 0, exists = preset || row->base != NULL;
	const struct {
		bool refused;
		const char *why, *name;
	} rules[] = {
	    {!ids_is_word(edit->name, NAME_MOST), "a name has 1 to 64 letters, digits and . _ - :", ""},
	    {add && exists, "there is already a channel ", edit->name},
	    {!add && !exists, "there is no channel ", edit->name},
	    {preset && !is_open_of_default(edit),
	     "of default, only models, extra-allow, priority, weight, limits, budgets and enabled are set "
	     "here; "
	     "the rest is set in the configuration",
	     ""},
	    {add && edit->base == NULL, "a channel needs a base", ""},
	    {add && edit->dialect == NULL, "a channel needs a dialect, such as sora or openai", ""},
	};
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].refused)
			return say(ctx, "%s%s", rules[i].why, rules[i].name);
	return may_move(ctx, edit, row);
}

static bool
write_edit(const struct admin_ctx *ctx, const struct channel_edit *edit, bool add)
{
	struct channel_row row;
	struct arena *arena = arena_new();
	if (arena == NULL)
		return ok_or_say(ctx, ERR_NO_MEMORY);
	bool good = ok_or_say(ctx, store_begin(ctx->store, STORE_DURABLE)) &&
	            ok_or_say(ctx, find_row(ctx, arena, edit->name, &row)) && may_edit(ctx, edit, &row, add);
	if (good) {
		bool moves = differs(edit->base, row.base);
		apply_edit(edit, &row);
		good = row_ok(ctx, arena, edit, &row) && write_row(ctx, edit, &row, moves);
	}
	store_rollback(ctx->store);
	arena_free(arena);
	return good;
}

bool
channel_admin_add(const struct admin_ctx *ctx, const struct channel_edit *edit)
{
	return write_edit(ctx, edit, true);
}

bool
channel_admin_set(const struct admin_ctx *ctx, const struct channel_edit *edit)
{
	return write_edit(ctx, edit, false);
}

static bool
remove_row(const struct admin_ctx *ctx, struct arena *arena, const char *name)
{
	struct channel_row row;
	struct channel_load load;
	if (!ok_or_say(ctx, find_row(ctx, arena, name, &row)))
		return false;
	if (row.base == NULL)
		return say(ctx, "there is no channel %s that can be removed", name);
	if (!ok_or_say(ctx, store_channel_load(ctx->store, name, &load)))
		return false;
	if (load.under_way + load.waiting > 0)
		return say(ctx,
		           "%" PRId64
		           " tasks still need the channel %s; `longreel channel disable` keeps new "
		           "ones away",
		           load.under_way + load.waiting, name);
	/* The row stays for the tasks that name it. */
	row = channel_row_new(name);
	enum err_code err = store_channel_put(ctx->store, &row);
	if (err == ERR_OK)
		err = store_channel_drop_key(ctx->store, name, NULL);
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX && err == ERR_OK; window++)
		err = store_budget_set(ctx->store,
		                       &(const struct budget_row){BUDGET_CHANNEL, name, window, -1});
	return ok_or_say(ctx, store_end(ctx->store, err));
}

bool
channel_admin_remove(const struct admin_ctx *ctx, const char *name)
{
	struct arena *arena = arena_new();
	if (arena == NULL)
		return ok_or_say(ctx, ERR_NO_MEMORY);
	bool good = ok_or_say(ctx, store_begin(ctx->store, STORE_DURABLE)) && remove_row(ctx, arena, name);
	store_rollback(ctx->store);
	arena_free(arena);
	return good;
}
