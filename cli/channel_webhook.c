/* longreel channel webhook: the address for the webhooks of an upstream that does not sign them. It bears a
 * token that is made from the secret of the channel's webhooks; a channel without a secret gets one. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "cli.h"
#include "domain/channel/admin.h"
#include "domain/channel/channels.h"
#include "domain/settings.h"
#include "domain/webhook/signature.h"
#include "key_file.h"
#include "sheet.h"
#include "upstream/dialect/dialect.h"

/* Reads the channel's secret, which need not be there. */
static enum err_code
read_secret(const struct config *config, struct store *store, const char *name, struct arena *arena,
            const char **ret_secret)
{
	char why[512] = "not enough memory";
	struct channels *channels = channels_open_installed(config, why, sizeof(why));
	if (channels == NULL) {
		cli_fail("%s", why);
		return ERR_INTERNAL;
	}
	channels_refresh(channels, store);
	enum err_code err = channels_webhook_secret(channels, arena, name, ret_secret);
	channels_close(channels);
	return err;
}

/* Draws a secret, keeps it in a file, and gives it to the channel. False after a message. */
static bool
make_secret(const struct cli_call *call, const struct config *config, struct store *store,
            struct arena *arena)
{
	char secret[SIGNATURE_SECRET_SIZE], why[512] = "not enough memory";
	struct channel_edit edit = {.name = call->operands[0],
	                            .priority = UNCHANGED_PRIORITY,
	                            .weight = UNCHANGED,
	                            .concurrency = UNCHANGED,
	                            .rate = UNCHANGED,
	                            .idempotency = UNCHANGED,
	                            .private = UNCHANGED,
	                            .enabled = UNCHANGED};
	struct admin_ctx ctx = {.store = store,
	                        .config = config,
	                        .dialects = dialect_shipped_dir(arena),
	                        .why = why,
	                        .why_size = sizeof(why)};

	signature_draw(secret);
	const char *path = key_file_keep(call, secret, arena);
	explicit_bzero(secret, sizeof(secret));
	edit.webhook = path ? arena_printf(arena, "file:%s", path) : NULL;
	if (path == NULL)
		return false;
	if (edit.webhook && ctx.dialects && channel_admin_set(&ctx, &edit))
		return true;
	remove(path);
	cli_fail("%s.", why);
	return false;
}

static const struct sheet_column columns[] = {
    {"NAME", 12, 0, "name", SHEET_TEXT}, {"PATH", 0, 0, "path", SHEET_TEXT}, {0}};

static int
show_path(const struct cli_call *call, struct arena *arena, const char *name, const char *path)
{
	struct sheet sheet;
	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	sheet_row(&sheet, (const struct cell[]){CELL_TEXT(name), CELL_TEXT(path)});
	return sheet_end(&sheet);
}

static int
webhook(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char why[512], token[SIGNATURE_TOKEN_SIZE];
	const char *name = call->operands[0], *secret = NULL;
	struct config *config = settings_load(call->data, call->key_env, why, sizeof(why));

	if (config == NULL)
		return cli_fail("%s", why);
	enum err_code err = read_secret(config, store, name, arena, &secret);
	if (err == ERR_NOT_FOUND) {
		err = make_secret(call, config, store, arena)
		          ? read_secret(config, store, name, arena, &secret)
		          : ERR_CONFLICT;
		if (err == ERR_CONFLICT) {
			config_free(config);
			return CLI_FAILED;
		}
	}
	const char *base = arena_strdup(arena, config->base_path);
	config_free(config);
	if (err != ERR_OK || base == NULL || !signature_token(secret, name, token))
		return cli_fail("the channel %s has no webhook secret that can be read.", name);
	const char *path = arena_printf(arena, "%s/api/video/webhook/%s/%s", base, name, token);
	if (call->json)
		return show_path(call, arena, name, path);
	printf("%s\n", path != NULL ? path : "");
	return path != NULL ? cli_finish() : cli_fail("not enough memory.");
}

int
cli_channel_webhook(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, webhook);
}
