/* longreel channel: the upstreams beside the one that the configuration defines. A key is named by its file
 * or by a variable of the environment; it is never an argument, where other users could see it. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "channel_check.h"
#include "cli.h"
#include "domain/channel/admin.h"
#include "domain/settings.h"
#include "key_file.h"
#include "model/channel_row.h"
#include "store/channel.h"
#include "store/store.h"
#include "upstream/dialect/dialect.h"

enum { WHOLE = 1000 };

/* "file:" and the absolute path; NULL where there is no such file. Links are left as they are: a key is
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

/* Where a secret is: in the file, or in one that is made of standard input. NULL after a message. */
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

/* What the options say. False, with a message, where a file is not there. */
static bool
read_edit(const struct cli_call *call, struct arena *arena, struct channel_edit *edit)
{
	*edit = (struct channel_edit){
	    .name = call->operands[0],
	    .base = call->base,
	    .dialect = call->dialect,
	    .models = call->models,
	    .priority = call->has_priority ? call->priority : UNCHANGED_PRIORITY,
	    .weight = call->weight,
	    .concurrency = call->concurrency,
	    .rate = call->rate,
	    .idempotency = call->idempotency,
	    .private = call->private,
	    .enabled = UNCHANGED,
	};
	if (call->key_file && call->key_env) {
		cli_fail("a key is in a file or in the environment, not in both.");
		return false;
	}
	if (is_input(call->key_file) && is_input(call->webhook_secret_file)) {
		cli_fail("standard input holds one secret only.");
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

/* The files that were made for an edit which has come to nothing. */
static void
drop_input(const struct cli_call *call, const struct channel_edit *edit, struct arena *arena)
{
	const char *key = edit->key;
	struct channel_row row = {.keys = &key, .key_count = is_input(call->key_file)};

	if (is_input(call->webhook_secret_file))
		row.webhook = edit->webhook;
	key_file_drop(call, &row, arena);
}

/* Runs one of the operator's verbs and says what has come of it. */
static int
operate(const struct cli_call *call, struct store *store, struct arena *arena,
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

/* Says at once what `check` would say: until then the channel would look well and be passed over. */
static void
warn(const struct cli_call *call, struct store *store, struct arena *arena)
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
put(const struct cli_call *call, struct store *store, struct arena *arena, bool add)
{
	struct channel_edit edit;

	if (!read_edit(call, arena, &edit) ||
	    operate(call, store, arena, add ? channel_admin_add : channel_admin_set, &edit) != CLI_DONE) {
		drop_input(call, &edit, arena);
		return CLI_FAILED;
	}
	printf("%s is %s\n", edit.name, add ? "added" : "changed");
	warn(call, store, arena);
	return cli_finish();
}

static int
add(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return put(call, store, arena, true);
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return put(call, store, arena, false);
}

static int
switch_to(const struct cli_call *call, struct store *store, struct arena *arena, bool enabled)
{
	struct channel_edit edit;

	if (!read_edit(call, arena, &edit))
		return CLI_FAILED;
	edit.enabled = enabled;
	if (operate(call, store, arena, channel_admin_set, &edit) != CLI_DONE)
		return CLI_FAILED;
	printf("%s %s\n", edit.name, enabled ? "is enabled" : "is disabled; what it has made stays with it");
	return cli_finish();
}

static int
enable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return switch_to(call, store, arena, true);
}

static int
disable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return switch_to(call, store, arena, false);
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
	if (operate(call, store, arena, remove_verb, &edit) != CLI_DONE)
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, edit.name) == 0)
			key_file_drop(call, &rows[i], arena);
	}
	printf("%s is removed; videos of its that are not archived can no longer be fetched\n", edit.name);
	return cli_finish();
}

/* ---- list ---- */

static void
put_text(const char *text)
{
	putchar('\t');
	cli_put_text(stdout, text && *text ? text : "-", WHOLE);
}

static int
show(struct store *store, const struct channel_row *row)
{
	char when[CLOCK_TEXT_SIZE] = "awake";
	struct channel_health health;
	struct channel_load load;

	enum err_code err = store_channel_load(store, row->name, &load);
	if (err == ERR_OK)
		err = store_channel_health(store, row->name, &health);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (health.cooldown_until > clock_wall_ms())
		clock_text(health.cooldown_until, when);
	printf("%s\t%s", row->name, row->enabled ? "enabled" : "disabled");
	put_text(row->dialect);
	put_text(row->base);
	put_text(row->models);
	printf("\tpriority=%" PRId64 "\tweight=%" PRId64 "\tconcurrency=%" PRId64 "\trate=%" PRId64
	       "\tunder_way=%" PRId64 "\twaiting=%" PRId64 "\t%s",
	       row->priority, row->weight, row->concurrency, row->rate, load.under_way, load.waiting, when);
	for (size_t i = 0; i < row->key_count; i++)
		put_text(row->keys[i]);
	putchar('\n');
	return CLI_DONE;
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512];
	struct channel_row *rows;
	size_t count;
	bool seen = false;
	int result = CLI_DONE;

	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	enum err_code err = store_channels_all(store, arena, &rows, &count);
	struct channel_row preset = channel_row_new(CHANNEL_DEFAULT);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		if (strcmp(rows[i].name, preset.name) == 0)
			preset = rows[i];
	preset.base = config->upstream_base;
	preset.dialect = config->upstream_dialect;
	if (config->upstream_models[0])
		preset.models = config->upstream_models;
	if (err == ERR_OK && preset.base[0] != '\0') {
		seen = true;
		result = show(store, &preset);
	}
	for (size_t i = 0; err == ERR_OK && result == CLI_DONE && i < count; i++)
		if (rows[i].base && strcmp(rows[i].name, preset.name) != 0) {
			seen = true;
			result = show(store, &rows[i]);
		}
	config_free(config);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (!seen)
		fputs("longreel: there is no channel yet.\n", stderr);
	return result == CLI_DONE ? cli_finish() : result;
}

static int
check(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512];

	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	const struct channel_check wanted = {.config = config, .store = store, .name = call->operands[0]};
	bool good = channel_check(&wanted, arena);
	config_free(config);
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
