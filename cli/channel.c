/* longreel channel: the upstreams besides the one of the configuration. A key is named by its file or by a
 * variable of the environment; it is never an argument, where other users could see it. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "channel_check.h"
#include "cli.h"
#include "cooldowns.h"
#include "domain/channel/admin.h"
#include "domain/settings.h"
#include "findings.h"
#include "key_file.h"
#include "limits.h"
#include "sheet.h"
#include "model/channel_row.h"
#include "store/channel.h"
#include "store/store.h"
#include "upstream/dialect/dialect.h"

/* "file:" and the absolute path; NULL where there is no such file. Links are not followed: a key is
 * rotated by having one lead elsewhere. */
static const char *
file_source(struct arena *arena, const char *path)
{
	char here[PATH_MAX];

	if (access(path, F_OK) < 0)
		return NULL;
	if (path[0] == '/')
		return arena_printf(arena, "file:%s", path);
	return getcwd(here, sizeof(here)) ? arena_printf(arena, "file:%s/%s", here, path) : NULL;
}

static bool
is_input(const char *file)
{
	return file && strcmp(file, "-") == 0;
}

/* The source of a secret: the file, or a new one that holds standard input. NULL after a message. */
static const char *
secret_source(const struct cli_call *call, const char *prompt, const char *file, struct arena *arena)
{
	const char *path = is_input(file) ? key_file_take(call, prompt, arena) : NULL;
	const char *source =
	    is_input(file) ? (path ? arena_printf(arena, "file:%s", path) : NULL) : file_source(arena, file);

	if (source == NULL && !is_input(file))
		cli_fail("%s cannot be found.", file);
	return source;
}

/* Reads the options into `ret_edit`. On failure says why and returns false. */
static bool
read_edit(const struct cli_call *call, struct arena *arena, struct channel_edit *edit)
{
	*edit = (struct channel_edit){
	    .name = call->operands[0],
	    .base = call->base,
	    .dialect = call->dialect,
	    .models = call->models,
	    .extra_allow = call->extra_allow,
	    .priority = call->priority != CLI_NO_PRIORITY ? call->priority : UNCHANGED_PRIORITY,
	    .weight = call->weight,
	    .concurrency = call->concurrency,
	    .rate = call->rate,
	    .idempotency = call->idempotency,
	    .private = call->private,
	    .enabled = UNCHANGED,
	};
	if (call->key_file && call->key_env) {
		cli_fail("--key-file and --key-env: name the key in one of them, not in both.");
		return false;
	}
	if (is_input(call->key_file) && is_input(call->webhook_secret_file)) {
		cli_fail("only one of --key-file and --webhook-secret-file can be -: standard input holds "
		         "one secret only.");
		return false;
	}
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX; window++) {
		edit->budgets[window].set = call->budgets[window] != NULL;
		if (!limits_budget(call, window, &edit->budgets[window].amount))
			return false;
	}
	if (call->key_file && !(edit->key = secret_source(call, "Key: ", call->key_file, arena)))
		return false;
	if (call->key_env)
		edit->key = arena_printf(arena, "env:%s", call->key_env);
	if (call->webhook_secret_file &&
	    !(edit->webhook = secret_source(call, "Secret: ", call->webhook_secret_file, arena)))
		return false;
	return true;
}

/* Removes the files that were made for an edit that failed. */
static void
remove_made_files(const struct cli_call *call, const struct channel_edit *edit, struct arena *arena)
{
	const char *key = edit->key;
	struct channel_row row = {.keys = &key, .key_count = is_input(call->key_file)};

	if (is_input(call->webhook_secret_file))
		row.webhook = edit->webhook;
	key_file_drop(call, &row, arena);
}

/* Makes the edit with `verb`. On failure says why. */
static int
run_edit(const struct cli_call *call, struct store *store, struct arena *arena,
         bool (*verb)(const struct admin_ctx *ctx, const struct channel_edit *edit),
         const struct channel_edit *edit)
{
	char why[512] = "not enough memory";
	struct admin_ctx ctx = {.store = store, .why = why, .why_size = sizeof(why)};
	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));

	ctx.config = config;
	ctx.dialects = dialect_shipped_dir(arena);
	bool good = config && ctx.dialects && verb(&ctx, edit);
	config_free(config);
	if (!good)
		return cli_fail("%s.", why);
	return CLI_DONE;
}

/* ---- what is shown ---- */

static const struct sheet_column columns[] = {
    {"NAME", 12, 0, "name", SHEET_TEXT},
    {"STATE", 8, 0, "state", SHEET_TEXT},
    {"DIALECT", 10, 0, "dialect", SHEET_TEXT},
    {"BASE", 32, 0, "base", SHEET_TEXT},
    {"MODELS", 20, 0, "models", SHEET_TEXT},
    {"PRIORITY", 8, 0, "priority", SHEET_INT},
    {"WEIGHT", 6, 0, "weight", SHEET_INT},
    {"CONCURRENCY", 11, 0, "concurrency", SHEET_INT},
    {"RATE", 4, 0, "rate", SHEET_INT},
    {"RUNNING", 7, 0, "running", SHEET_INT},
    {"WAITING", 7, 0, "waiting", SHEET_INT},
    {"COOLDOWN UNTIL", CLI_TIME_WIDTH, 0, "cooldowns", SHEET_TEXT},
    {"EXTRA", 10, 0, "extra_allow", SHEET_TEXT},
    {"KEYS", 0, 0, "keys", SHEET_TEXT},
    {0},
};

static int
show(struct sheet *sheet, struct store *store, struct arena *arena, const struct channel_row *row)
{
	struct channel_load load;

	enum err_code err = store_channel_load(store, row->name, &load);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	const char *cooldowns = cooldowns_text(store, arena, row->name);
	const char *keys = "";
	for (size_t i = 0; keys && i < row->key_count; i++)
		keys = arena_printf(arena, "%s%s%s", keys, i > 0 ? " " : "", row->keys[i]);
	if (keys == NULL || cooldowns == NULL)
		return cli_fail("%s", err_text(ERR_NO_MEMORY, "en"));
	sheet_row(sheet,
	          (const struct cell[]){
	              CELL_TEXT(row->name), CELL_TEXT(row->enabled ? "enabled" : "disabled"),
	              CELL_TEXT(row->dialect), CELL_TEXT(row->base), CELL_TEXT(row->models),
	              CELL_NUMBER(row->priority), CELL_NUMBER(row->weight), CELL_NUMBER(row->concurrency),
	              CELL_NUMBER(row->rate), CELL_NUMBER(load.under_way), CELL_NUMBER(load.waiting),
	              CELL_TEXT(cooldowns), CELL_TEXT(row->extra_allow), CELL_TEXT(keys)});
	return CLI_DONE;
}

/* The channel that the configuration defines: what a row of its name says, with the configuration's own. */
static struct channel_row
configured(const struct config *config, const struct channel_row *rows, size_t count)
{
	struct channel_row row = channel_row_new(CHANNEL_DEFAULT);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, CHANNEL_DEFAULT) == 0)
			row = rows[i];
	}
	row.base = config->upstream_base;
	row.dialect = config->upstream_dialect;
	if (*config->upstream_models)
		row.models = config->upstream_models;
	if (*config->upstream_extra_allow)
		row.extra_allow = config->upstream_extra_allow;
	return row;
}

/* Shows a channel as the list does, by itself. */
static int
show_row(const struct cli_call *call, struct store *store, struct arena *arena, const struct channel_row *row)
{
	struct sheet sheet;
	if (!sheet_begin(&sheet, call, arena, columns, NULL) || show(&sheet, store, arena, row) != CLI_DONE)
		return CLI_FAILED;
	return sheet_end(&sheet);
}

/* Shows the channel of that name. */
static int
show_one(const struct cli_call *call, struct store *store, struct arena *arena, const char *name)
{
	char why[512];
	struct channel_row *rows;
	size_t count, i = 0;

	enum err_code err = store_channels_all(store, arena, &rows, &count);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (strcmp(name, CHANNEL_DEFAULT) != 0) {
		while (i < count && strcmp(rows[i].name, name) != 0)
			i++;
		return i < count ? show_row(call, store, arena, &rows[i])
		                 : cli_fail("%s", err_text(ERR_NOT_FOUND, "en"));
	}
	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	const struct channel_row row = configured(config, rows, count);
	int result = show_row(call, store, arena, &row);
	config_free(config);
	return result;
}

/* Says what was done; for a program, shows the channel as it is now. */
static int
tell(const struct cli_call *call, struct store *store, struct arena *arena, const char *what)
{
	if (call->json)
		return show_one(call, store, arena, call->operands[0]);
	printf("%s %s\n", call->operands[0], what);
	return cli_finish();
}

/* Warns at once of what `check` would find: else the channel would look well and get no task. */
static void
warn_of_faults(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512];
	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	const struct channel_check check = {.config = config, .store = store, .name = call->operands[0]};

	const char *fault = config ? channel_fault(&check, arena) : NULL;
	if (fault)
		fprintf(stderr, "longreel: warning: %s: %s\n", check.name, fault);
	config_free(config);
}

static int
save(const struct cli_call *call, struct store *store, struct arena *arena, bool add)
{
	struct channel_edit edit;

	if (!read_edit(call, arena, &edit) ||
	    run_edit(call, store, arena, add ? channel_admin_add : channel_admin_set, &edit) != CLI_DONE) {
		remove_made_files(call, &edit, arena);
		return CLI_FAILED;
	}
	if (!limits_audit_done(store, call, add ? "channel.add" : "channel.set", edit.name))
		return CLI_FAILED;
	warn_of_faults(call, store, arena);
	return tell(call, store, arena, add ? "added" : "changed");
}

static int
add(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return save(call, store, arena, true);
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return save(call, store, arena, false);
}

static int
set_enabled(const struct cli_call *call, struct store *store, struct arena *arena, bool enabled)
{
	struct channel_edit edit;

	if (!read_edit(call, arena, &edit))
		return CLI_FAILED;
	edit.enabled = enabled;
	if (run_edit(call, store, arena, channel_admin_set, &edit) != CLI_DONE)
		return CLI_FAILED;
	if (!limits_audit_done(store, call, enabled ? "channel.enable" : "channel.disable", edit.name))
		return CLI_FAILED;
	return tell(call, store, arena,
	            enabled ? "enabled" : "disabled; its jobs go on, new tasks go elsewhere");
}

static int
enable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return set_enabled(call, store, arena, true);
}

static int
disable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return set_enabled(call, store, arena, false);
}

static bool
remove_verb(const struct admin_ctx *ctx, const struct channel_edit *edit)
{
	return channel_admin_remove(ctx, edit->name);
}

static int
remove_one(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const struct channel_edit edit = {.name = call->operands[0]};
	struct channel_row *rows;
	size_t count = 0;

	if (store_channels_all(store, arena, &rows, &count) != ERR_OK)
		count = 0;
	if (run_edit(call, store, arena, remove_verb, &edit) != CLI_DONE)
		return CLI_FAILED;
	const struct channel_row *removed = NULL;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, edit.name) == 0)
			removed = &rows[i];
	}
	if (removed != NULL)
		key_file_drop(call, removed, arena);
	if (!limits_audit_done(store, call, "channel.remove", edit.name))
		return CLI_FAILED;
	if (call->json && removed != NULL)
		return show_row(call, store, arena, removed);
	printf("%s removed; its videos that are not in the archive can no longer be fetched\n", edit.name);
	return cli_finish();
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512];
	struct channel_row *rows;
	struct sheet sheet;
	size_t count, shown = 0;
	int result = CLI_DONE;

	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	enum err_code err = store_channels_all(store, arena, &rows, &count);
	if (err != ERR_OK) {
		config_free(config);
		return cli_fail("%s", err_text(err, "en"));
	}
	struct channel_row first = configured(config, rows, count);
	if (!sheet_begin(&sheet, call, arena, columns, "channels")) {
		config_free(config);
		return CLI_FAILED;
	}
	if (*first.base) {
		result = show(&sheet, store, arena, &first);
		shown++;
	}
	for (size_t i = 0; result == CLI_DONE && i < count; i++) {
		if (rows[i].base == NULL || strcmp(rows[i].name, CHANNEL_DEFAULT) == 0)
			continue;
		result = show(&sheet, store, arena, &rows[i]);
		shown++;
	}
	config_free(config);
	if (shown == 0)
		fputs("longreel: there is no channel yet; add one with `longreel channel add`.\n", stderr);
	return result == CLI_DONE ? sheet_end(&sheet) : result;
}

static int
check(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512];
	struct findings out;

	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	const struct channel_check wanted = {
	    .config = config, .store = store, .name = call->operands[0], .out = &out, .models = true};
	bool good = findings_begin(&out, call->json, arena) && channel_check(&wanted, arena);
	config_free(config);
	good = findings_end(&out, good) && good;
	return cli_finish() == CLI_DONE && good ? CLI_DONE : CLI_FAILED;
}

int
cli_channel_add(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, add);
}

int
cli_channel_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}

int
cli_channel_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_channel_check(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, check);
}

int
cli_channel_enable(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, enable);
}

int
cli_channel_disable(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, disable);
}

int
cli_channel_remove(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, remove_one);
}
